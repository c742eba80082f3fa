package dev.kvpress.runtime.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has a value. */
interface Expression {
  Object value(Scope scope);

  /** A value as it stands. */
  record Literal(Object literal) implements Expression {
    @Override
    public Object value(Scope scope) {
      return literal;
    }
  }

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** {@code [a, b]} or {@code (a, b)}. */
  record Items(List<Expression> items, boolean tuple) implements Expression {
    @Override
    public Object value(Scope scope) {
      List<Object> values = new ArrayList<>();
      items.forEach(item -> values.add(item.value(scope)));
      return tuple ? new Tuple(values) : values;
    }
  }

  /** {@code {'a': b}}. */
  record Pairs(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Scope scope) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        map.put(keys.get(i).value(scope), values.get(i).value(scope));
      }
      return map;
    }
  }

  /** {@code a.name}. */
  record Attribute(Expression of, String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Access.attribute(of.value(scope), name);
    }
  }

  /** {@code a[key]}. */
  record Item(Expression of, Expression key) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Access.item(of.value(scope), key.value(scope));
    }
  }

  /** {@code a[from:to:step]}. */
  record Slice(Expression of, Expression from, Expression to, Expression step)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      return Access.slice(of.value(scope), from.value(scope), to.value(scope), step.value(scope));
    }
  }

  /** What is given to a function, filter or test. */
  record Given(List<Expression> places, Map<String, Expression> names) {
    static final Given NOTHING = new Given(List.of(), Map.of());

    List<Object> values(Scope scope) {
      List<Object> values = new ArrayList<>();
      places.forEach(place -> values.add(place.value(scope)));
      return values;
    }

    Map<String, Object> named(Scope scope) {
      Map<String, Object> values = new LinkedHashMap<>();
      names.forEach((name, value) -> values.put(name, value.value(scope)));
      return values;
    }
  }

  /** {@code f(a, b=c)}. */
  record Call(Expression function, Given given) implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.step();
      Object called = function.value(scope);
      if (called instanceof Undefined undefined) {
        throw undefined.misused();
      }
      if (called instanceof Macro macro) {
        return macro.call(scope, given.values(scope), given.named(scope));
      }
      if (called instanceof Callable callable) {
        return callable.call(given.values(scope), given.named(scope));
      }
      throw new JinjaException("expected a function to call, found " + Values.repr(called));
    }
  }

  /** {@code a|name(b)}. */
  record Filtered(Expression of, String name, Given given) implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.step();
      return Filters.apply(name, of.value(scope), given.values(scope), given.named(scope));
    }
  }

  /** {@code a is name(b)}. */
  record Tested(Expression of, String name, Given given) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Tests.holds(name, of.value(scope), given.values(scope));
    }
  }

  /** {@code not a}. */
  record Not(Expression of) implements Expression {
    @Override
    public Object value(Scope scope) {
      return !Values.isTrue(of.value(scope));
    }
  }

  /** {@code -a}. */
  record Negative(Expression of) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Arithmetic.negative(of.value(scope));
    }
  }

  /** {@code a and b}, {@code a or b}: one of the two values. */
  record Either(boolean and, Expression left, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object first = left.value(scope);
      return Values.isTrue(first) == and ? right.value(scope) : first;
    }
  }

  /** {@code a if b else c}. */
  record Choice(Expression condition, Expression then, Optional<Expression> otherwise)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      if (Values.isTrue(condition.value(scope))) {
        return then.value(scope);
      }
      return otherwise.map(other -> other.value(scope)).orElseGet(() -> new Undefined("else"));
    }
  }

  /** {@code a + b}. */
  record Operation(String operator, Expression left, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Arithmetic.apply(operator, left.value(scope), right.value(scope));
    }
  }

  /** {@code a < b <= c}: all of them hold. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      Object left = first.value(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = others.get(i).value(scope);
        if (!holds(operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    private static boolean holds(String operator, Object left, Object right) {
      return switch (operator) {
        case "==" -> Arithmetic.equal(left, right);
        case "!=" -> !Arithmetic.equal(left, right);
        case "in" -> Values.contains(right, left);
        case "not in" -> !Values.contains(right, left);
        default -> {
          for (Object side : new Object[] {left, right}) {
            if (side instanceof Undefined undefined) {
              throw undefined.misused();
            }
          }
          int order = Arithmetic.compare(left, right);
          yield switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
          };
        }
      };
    }
  }
}
