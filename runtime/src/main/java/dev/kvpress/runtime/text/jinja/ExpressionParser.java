package dev.kvpress.runtime.text.jinja;

import dev.kvpress.runtime.text.jinja.Expression.Given;
import dev.kvpress.runtime.text.jinja.Expression.Literal;
import dev.kvpress.runtime.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads expressions, with Jinja2's order of operators. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> NO_ARGUMENT =
      Set.of("else", "or", "and", "is", "in", "if", "not");
  private static final Expression NONE = new Literal(None.NONE);

  /** Deeper than any template, and shallow enough for the stack. */
  private static final int DEEPEST = 200;

  private final Tokens tokens;
  private int depth;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas as a tuple. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.peek().isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.skip(",") && tokens.peek().kind() != Kind.BLOCK_END) {
      items.add(expression());
    }
    return new Expression.Items(items, true);
  }

  Expression expression() {
    if (++depth > DEEPEST) {
      throw new JinjaException("an expression lies deeper than " + DEEPEST);
    }
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression condition = or();
      Optional<Expression> otherwise =
          tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
      value = new Expression.Choice(condition, value, otherwise);
    }
    depth--;
    return value;
  }

  /** An expression without {@code if}, as loops go through. */
  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Either(false, left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.Either(true, left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.skipName("not") ? new Expression.Not(not()) : comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(tokens.next().text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (token.isName("not")) {
        tokens.next();
        if (!tokens.skipName("in")) {
          throw tokens.unexpected("\"in\" behind \"not\"");
        }
        operators.add("not in");
      } else {
        return operators.isEmpty() ? first : new Expression.Comparison(first, operators, others);
      }
      others.add(sum());
    }
  }

  private Expression sum() {
    Expression left = joined();
    while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
      left = new Expression.Operation(tokens.next().text(), left, joined());
    }
    return left;
  }

  private Expression joined() {
    Expression left = product();
    while (tokens.skip("~")) {
      left = new Expression.Operation("~", left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (Set.of("*", "/", "//", "%").contains(tokens.peek().text())
        && tokens.peek().kind() == Kind.OPERATOR) {
      left = new Expression.Operation(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skip("**")) {
      left = new Expression.Operation("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean filtered) {
    Expression value;
    if (tokens.skip("-")) {
      value = new Expression.Negative(unary(false));
    } else if (tokens.skip("+")) {
      value = unary(false);
    } else {
      value = primary();
    }
    value = behind(value);
    return filtered ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NAME:
        return name();
      case STRING:
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        return new Literal(text.toString());
      case INTEGER:
        return new Literal(number(tokens.next()));
      case FLOAT:
        return new Literal(Double.valueOf(tokens.next().text()));
      default:
        break;
    }
    if (tokens.skip("(")) {
      return parenthesis();
    }
    if (tokens.skip("[")) {
      return new Expression.Items(list("]"), false);
    }
    if (tokens.skip("{")) {
      return pairs();
    }
    throw tokens.unexpected("a value");
  }

  private static Long number(Token token) {
    try {
      return Long.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw JinjaException.notSupported("the number " + token.text()).at(token.line());
    }
  }

  private Expression name() {
    String name = tokens.name();
    return switch (name) {
      case "true", "True" -> new Literal(true);
      case "false", "False" -> new Literal(false);
      case "none", "None" -> NONE;
      case "and", "or", "in", "is", "if", "else" ->
          throw new JinjaException("expected a value, found " + name).at(tokens.peek().line());
      default -> new Expression.Name(name);
    };
  }

  private Expression parenthesis() {
    if (tokens.skip(")")) {
      return new Expression.Items(List.of(), true);
    }
    Expression first = expression();
    if (tokens.skip(")")) {
      return first;
    }
    tokens.expect(",");
    List<Expression> items = new ArrayList<>(List.of(first));
    items.addAll(list(")"));
    return new Expression.Items(items, true);
  }

  private List<Expression> list(String end) {
    List<Expression> items = new ArrayList<>();
    while (!tokens.skip(end)) {
      items.add(expression());
      if (!tokens.peek().isOperator(end)) {
        tokens.expect(",");
      }
    }
    return items;
  }

  private Expression pairs() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.skip("}")) {
      keys.add(expression());
      tokens.expect(":");
      values.add(expression());
      if (!tokens.peek().isOperator("}")) {
        tokens.expect(",");
      }
    }
    return new Expression.Pairs(keys, values);
  }

  /** Dots, brackets and calls behind a value. */
  private Expression behind(Expression value) {
    Expression whole = value;
    while (true) {
      if (tokens.skip(".")) {
        whole =
            tokens.peek().kind() == Kind.INTEGER
                ? new Expression.Item(whole, new Literal(number(tokens.next())))
                : new Expression.Attribute(whole, tokens.name());
      } else if (tokens.skip("[")) {
        whole = bracket(whole);
      } else if (tokens.peek().isOperator("(")) {
        whole = new Expression.Call(whole, given());
      } else {
        return whole;
      }
    }
  }

  private Expression bracket(Expression of) {
    Expression from = bound();
    if (tokens.skip("]")) {
      return new Expression.Item(of, from);
    }
    tokens.expect(":");
    Expression to = bound();
    Expression step = tokens.skip(":") ? bound() : NONE;
    tokens.expect("]");
    return new Expression.Slice(of, from, to, step);
  }

  private Expression bound() {
    return tokens.peek().isOperator(":") || tokens.peek().isOperator("]") ? NONE : expression();
  }

  private Expression filters(Expression value) {
    Expression whole = value;
    while (true) {
      if (tokens.skip("|")) {
        Token name = tokens.peek();
        String filter = tokens.name();
        if (!Filters.knows(filter)) {
          throw JinjaException.notSupported("filter " + filter).at(name.line());
        }
        whole =
            new Expression.Filtered(
                whole, filter, tokens.peek().isOperator("(") ? given() : Given.NOTHING);
      } else if (tokens.skipName("is")) {
        whole = test(whole);
      } else if (tokens.peek().isOperator("(")) {
        whole = new Expression.Call(whole, given());
      } else {
        return whole;
      }
    }
  }

  private Expression test(Expression of) {
    boolean not = tokens.skipName("not");
    Token token = tokens.peek();
    String name = token.isOperator("==") ? tokens.next().text() : tokens.name();
    if (!Tests.knows(name)) {
      throw JinjaException.notSupported("test " + name).at(token.line());
    }
    Given given = Given.NOTHING;
    if (tokens.peek().isOperator("(")) {
      given = given();
    } else if (beginsArgument(tokens.peek())) {
      given = new Given(List.of(behind(primary())), Map.of());
    }
    Expression test = new Expression.Tested(of, name, given);
    return not ? new Expression.Not(test) : test;
  }

  private static boolean beginsArgument(Token token) {
    return switch (token.kind()) {
      case NAME -> !NO_ARGUMENT.contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.isOperator("[") || token.isOperator("{");
      default -> false;
    };
  }

  private Given given() {
    tokens.expect("(");
    List<Expression> places = new ArrayList<>();
    Map<String, Expression> names = new LinkedHashMap<>();
    while (!tokens.skip(")")) {
      if (tokens.peek().isOperator("*") || tokens.peek().isOperator("**")) {
        throw JinjaException.notSupported(tokens.peek().text() + " before arguments")
            .at(tokens.peek().line());
      }
      Expression value = expression();
      if (value instanceof Expression.Name name && tokens.skip("=")) {
        names.put(name.name(), expression());
      } else if (names.isEmpty()) {
        places.add(value);
      } else {
        throw tokens.unexpected("a name before \"=\"");
      }
      if (!tokens.peek().isOperator(")")) {
        tokens.expect(",");
      }
    }
    return new Given(places, names);
  }
}
