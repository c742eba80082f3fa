package dev.kvpress.runtime.text.jinja;

import dev.kvpress.runtime.text.jinja.Statement.Flow;
import dev.kvpress.runtime.text.jinja.Statement.Placed;
import dev.kvpress.runtime.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads statements. */
final class Parser {
  private static final int DEEPEST = 100;

  private final Tokens tokens;
  private final ExpressionParser expressions;
  private int depth;
  private int loops;

  private Parser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String template) {
    Parser parser = new Parser(new Tokens(Lexer.tokens(template)));
    List<Statement> statements = parser.body(Set.of());
    parser.tokens.expect(Kind.END, "the end");
    return statements;
  }

  /** Statements up to one of the names, which is passed with the beginning of its tag. */
  private List<Statement> body(Set<String> ends) {
    if (++depth > DEEPEST) {
      throw new JinjaException("statements lie deeper than " + DEEPEST);
    }
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      switch (token.kind()) {
        case TEXT -> body.add(new Statement.Text(tokens.next().text()));
        case OUTPUT_BEGIN -> {
          tokens.next();
          body.add(new Placed(token.line(), new Statement.Output(expressions.tuple())));
          tokens.expect(Kind.OUTPUT_END, "}}");
        }
        case BLOCK_BEGIN -> {
          tokens.next();
          if (ends.contains(tokens.peek().text())) {
            depth--;
            return body;
          }
          body.add(new Placed(token.line(), statement()));
        }
        default -> {
          if (!ends.isEmpty()) {
            throw tokens.unexpected("one of " + ends);
          }
          depth--;
          return body;
        }
      }
    }
  }

  /** Statements up to a tag of one name only. */
  private List<Statement> bodyUpTo(String end) {
    List<Statement> body = body(Set.of(end));
    tokens.name();
    blockEnd();
    return body;
  }

  private void blockEnd() {
    tokens.expect(Kind.BLOCK_END, "%}");
  }

  private Statement statement() {
    Token token = tokens.peek();
    String name = tokens.name();
    switch (name) {
      case "if":
        return condition();
      case "for":
        return loop();
      case "set":
        return set();
      case "macro":
        return macro();
      case "generation":
        blockEnd();
        return new Statement.Generation(bodyUpTo("endgeneration"));
      case "break":
      case "continue":
        blockEnd();
        if (loops == 0) {
          throw new JinjaException(name + " stands in no loop").at(token.line());
        }
        return new Statement.Leave(name.equals("break") ? Flow.BREAK : Flow.CONTINUE);
      default:
        throw JinjaException.notSupported("{% " + name + " %}").at(token.line());
    }
  }

  private Statement condition() {
    Expression condition = expressions.tuple();
    blockEnd();
    List<Statement> then = body(Set.of("elif", "else", "endif"));
    Token token = tokens.peek();
    String end = tokens.name();
    List<Statement> otherwise = List.of();
    if (end.equals("elif")) {
      otherwise = List.of(new Placed(token.line(), condition()));
    } else {
      blockEnd();
      otherwise = end.equals("else") ? bodyUpTo("endif") : otherwise;
    }
    return new Statement.If(condition, then, otherwise);
  }

  private Statement loop() {
    Target target = target();
    if (!tokens.skipName("in")) {
      throw tokens.unexpected("\"in\"");
    }
    Expression items = expressions.or();
    Optional<Expression> condition =
        tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
    if (tokens.peek().isName("recursive")) {
      throw JinjaException.notSupported("a recursive loop").at(tokens.peek().line());
    }
    blockEnd();
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"));
    loops--;
    boolean otherwise = tokens.name().equals("else");
    blockEnd();
    return new Statement.For(
        target, items, condition, body, otherwise ? bodyUpTo("endfor") : List.of());
  }

  private Target target() {
    boolean parenthesis = tokens.skip("(");
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    do {
      String name = tokens.name();
      targets.add(
          tokens.skip(".") ? new Target.Member(name, tokens.name()) : new Target.Variable(name));
      several = several || tokens.peek().isOperator(",");
    } while (tokens.skip(",") && tokens.peek().kind() == Kind.NAME);
    if (parenthesis) {
      tokens.expect(")");
    }
    return several ? new Target.Several(targets) : targets.get(0);
  }

  private Statement set() {
    Target target = target();
    if (tokens.skip("=")) {
      Expression value = expressions.tuple();
      blockEnd();
      return new Statement.Set(target, value);
    }
    if (tokens.peek().isOperator("|")) {
      throw JinjaException.notSupported("a filter on a set block").at(tokens.peek().line());
    }
    blockEnd();
    return new Statement.SetBlock(target, bodyUpTo("endset"));
  }

  private Statement macro() {
    String name = tokens.name();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    tokens.expect("(");
    while (!tokens.skip(")")) {
      parameters.add(tokens.name());
      if (tokens.skip("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.unexpected("a default, as the parameter before has one");
      }
      if (!tokens.peek().isOperator(")")) {
        tokens.expect(",");
      }
    }
    blockEnd();
    int around = loops;
    loops = 0;
    List<Statement> body = bodyUpTo("endmacro");
    loops = around;
    return new Statement.Define(name, parameters, defaults, body);
  }
}
