package dev.kvpress.runtime.text.jinja;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Tests of Jinja2: what stands behind {@code is}. */
final class Tests {
  private static final ImmutableMap<String, Predicate<Object>> ALONE =
      ImmutableMap.<String, Predicate<Object>>builder()
          .put("defined", value -> !(value instanceof Undefined))
          .put("undefined", value -> value instanceof Undefined)
          .put("none", value -> value == None.NONE)
          .put("string", value -> value instanceof String)
          .put("boolean", value -> value instanceof Boolean)
          .put("true", value -> Boolean.TRUE.equals(value))
          .put("false", value -> Boolean.FALSE.equals(value))
          .put("integer", value -> value instanceof Long)
          .put("float", value -> value instanceof Double)
          .put(
              "number",
              value -> value instanceof Long || value instanceof Double || value instanceof Boolean)
          .put("mapping", value -> value instanceof Map)
          .put("iterable", Tests::isIterable)
          .put(
              "sequence",
              value -> value instanceof List || value instanceof Map || value instanceof String)
          .put("callable", value -> value instanceof Callable || value instanceof Macro)
          .put("even", value -> Arithmetic.equal(Arithmetic.apply("%", value, 2L), 0L))
          .put("odd", value -> Arithmetic.equal(Arithmetic.apply("%", value, 2L), 1L))
          .put("lower", value -> isCase(Values.text(value), false))
          .put("upper", value -> isCase(Values.text(value), true))
          .buildOrThrow();

  private static final ImmutableMap<String, BiPredicate<Object, Object>> WITH =
      ImmutableMap.<String, BiPredicate<Object, Object>>builder()
          .put("==", Arithmetic::equal)
          .put("eq", Arithmetic::equal)
          .put("equalto", Arithmetic::equal)
          .put("!=", (value, other) -> !Arithmetic.equal(value, other))
          .put("ne", (value, other) -> !Arithmetic.equal(value, other))
          .put(">", (value, other) -> Arithmetic.compare(value, other) > 0)
          .put("gt", (value, other) -> Arithmetic.compare(value, other) > 0)
          .put("greaterthan", (value, other) -> Arithmetic.compare(value, other) > 0)
          .put(">=", (value, other) -> Arithmetic.compare(value, other) >= 0)
          .put("ge", (value, other) -> Arithmetic.compare(value, other) >= 0)
          .put("<", (value, other) -> Arithmetic.compare(value, other) < 0)
          .put("lt", (value, other) -> Arithmetic.compare(value, other) < 0)
          .put("lessthan", (value, other) -> Arithmetic.compare(value, other) < 0)
          .put("<=", (value, other) -> Arithmetic.compare(value, other) <= 0)
          .put("le", (value, other) -> Arithmetic.compare(value, other) <= 0)
          .put("in", (value, whole) -> Values.contains(whole, value))
          .put("divisibleby", (value, by) -> Arithmetic.equal(Arithmetic.apply("%", value, by), 0L))
          .buildOrThrow();

  private Tests() {}

  static boolean knows(String name) {
    return ALONE.containsKey(name) || WITH.containsKey(name);
  }

  static boolean holds(String name, Object value, List<Object> arguments) {
    Predicate<Object> alone = ALONE.get(name);
    if (alone != null && arguments.isEmpty()) {
      return alone.test(value);
    }
    BiPredicate<Object, Object> with = WITH.get(name);
    if (with != null && arguments.size() == 1) {
      return with.test(value, arguments.get(0));
    }
    throw JinjaException.notSupported(
        "test %s with %d arguments".formatted(name, arguments.size()));
  }

  private static boolean isIterable(Object value) {
    return value instanceof List
        || value instanceof Map
        || value instanceof String
        || value instanceof Undefined;
  }

  private static boolean isCase(String text, boolean upper) {
    return text.codePoints().anyMatch(Character::isLetter)
        && text.equals(upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT));
  }
}
