package dev.kvpress.runtime.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What Python says of a value: whether it is true, how it is written, what is in it. */
final class Values {
  private Values() {}

  static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return value != None.NONE && !(value instanceof Undefined);
  }

  /** Python's {@code str}. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Undefined ? "" : repr(value);
  }

  /** Python's {@code repr}. */
  static String repr(Object value) {
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (value instanceof Double number) {
      return number(number);
    }
    if (value instanceof Long) {
      return value.toString();
    }
    if (value == None.NONE) {
      return "None";
    }
    if (value instanceof Undefined) {
      return "Undefined";
    }
    if (value instanceof Tuple tuple) {
      String items = tuple.stream().map(Values::repr).collect(Collectors.joining(", "));
      return tuple.size() == 1 ? "(" + items + ",)" : "(" + items + ")";
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Values::repr).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    throw JinjaException.notSupported("writing a function, loop or namespace");
  }

  private static String quoted(String text) {
    boolean single = text.indexOf('\'') < 0 || text.indexOf('"') >= 0;
    char quote = single ? '\'' : '"';
    StringBuilder quoted = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            point -> {
              if (point == quote || point == '\\') {
                quoted.append('\\').appendCodePoint(point);
              } else if (point == '\n') {
                quoted.append("\\n");
              } else if (point == '\t') {
                quoted.append("\\t");
              } else if (point == '\r') {
                quoted.append("\\r");
              } else if (!isPrintable(point)) {
                quoted.append(
                    (point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x")
                        .formatted(point));
              } else {
                quoted.appendCodePoint(point);
              }
            });
    return quoted.append(quote).toString();
  }

  /** Python's {@code str.isprintable}. */
  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  private static String number(double number) {
    double size = Math.abs(number);
    if (size != 0 && (size < 1e-3 || size >= 1e7) || !Double.isFinite(number)) {
      throw JinjaException.notSupported("writing the number " + number);
    }
    return Double.toString(number);
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new JinjaException("expected something with a length, found " + repr(value));
  }

  /** What a loop goes through. */
  static List<Object> items(Object value) {
    if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return text.codePoints().mapToObj(Character::toString).collect(Collectors.toList());
    }
    if (value instanceof Undefined) {
      return new ArrayList<>();
    }
    throw new JinjaException("expected something to go through, found " + repr(value));
  }

  static boolean contains(Object whole, Object part) {
    if (whole instanceof String text) {
      if (part instanceof String inner) {
        return text.contains(inner);
      }
      throw new JinjaException("expected a text to look for in a text, found " + repr(part));
    }
    return items(whole).stream().anyMatch(item -> Arithmetic.equal(item, part));
  }
}
