package dev.kvpress.runtime.text.jinja;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** JSON as Python's {@code json.dumps} writes it, letters beyond ASCII as they are. */
final class Json {
  private final int indent;

  private Json(int indent) {
    this.indent = indent;
  }

  /** The filter {@code tojson}. */
  static Object filter(Object value, Arguments with) {
    if (with.flag("ensure_ascii", false) || with.flag("sort_keys", false)) {
      throw JinjaException.notSupported("tojson: ensure_ascii and sort_keys");
    }
    if (with.get("separators", None.NONE) != None.NONE) {
      throw JinjaException.notSupported("tojson: separators");
    }
    boolean flat = with.get("indent", None.NONE) == None.NONE;
    return new Json(flat ? -1 : with.integer("indent", 0)).write(value, 0);
  }

  private String write(Object value, int level) {
    if (value instanceof Map<?, ?> map) {
      return block(
          map.entrySet().stream()
              .map(entry -> quoted(key(entry.getKey())) + ": " + write(entry.getValue(), level + 1))
              .toList(),
          '{',
          '}',
          level);
    }
    if (value instanceof List<?> list) {
      return block(list.stream().map(item -> write(item, level + 1)).toList(), '[', ']', level);
    }
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof Boolean || value == None.NONE) {
      return value == None.NONE ? "null" : value.toString();
    }
    if (value instanceof Long || value instanceof Double) {
      return Values.repr(value);
    }
    throw new JinjaException("tojson: expected a value, found " + Values.repr(value));
  }

  /** Truth and nothing are spelled as values are, in quotes. */
  private String key(Object key) {
    return key instanceof String text ? text : write(key, 0);
  }

  private String block(Collection<String> parts, char begin, char end, int level) {
    if (indent < 0 || parts.isEmpty()) {
      return begin + String.join(", ", parts) + end;
    }
    String line = "\n" + " ".repeat(indent * (level + 1));
    return begin + line + String.join("," + line, parts) + "\n" + " ".repeat(indent * level) + end;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        default -> {
          if (c < ' ') {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
