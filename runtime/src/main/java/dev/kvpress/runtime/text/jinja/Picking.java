package dev.kvpress.runtime.text.jinja;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters that go through a list: {@code map}, {@code select} and their like. */
final class Picking {
  private Picking() {}

  static Object apply(String name, Object value, List<Object> values, Map<String, Object> named) {
    List<Object> result = new ArrayList<>();
    for (Object item : Values.items(value)) {
      if (name.equals("map")) {
        result.add(mapped(item, values, named));
      } else if (picks(name, item, values, named)) {
        result.add(item);
      }
    }
    return result;
  }

  private static Object mapped(Object item, List<Object> values, Map<String, Object> named) {
    if (values.isEmpty()) {
      Arguments with = Arguments.of("map", values, named, "attribute", "default");
      Object found = attribute(item, with.string("attribute"));
      return found instanceof Undefined ? with.get("default", found) : found;
    }
    String filter = text("map", values.get(0));
    if (!Filters.knows(filter)) {
      throw JinjaException.notSupported("filter " + filter);
    }
    return Filters.apply(filter, item, values.subList(1, values.size()), named);
  }

  private static boolean picks(
      String name, Object item, List<Object> values, Map<String, Object> named) {
    if (!named.isEmpty()) {
      throw JinjaException.notSupported(name + ": argument " + named.keySet());
    }
    boolean byAttribute = name.endsWith("attr");
    if (byAttribute && values.isEmpty()) {
      throw new JinjaException(name + ": expected an attribute, found nothing");
    }
    Object asked = byAttribute ? attribute(item, text(name, values.get(0))) : item;
    List<Object> test = values.subList(byAttribute ? 1 : 0, values.size());
    boolean holds =
        test.isEmpty()
            ? Values.isTrue(asked)
            : Tests.holds(text(name, test.get(0)), asked, test.subList(1, test.size()));
    return holds == name.startsWith("select");
  }

  private static String text(String name, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new JinjaException(name + ": expected a name, found " + Values.repr(value));
  }

  /** An attribute, or one of an attribute, with dots between them. */
  static Object attribute(Object item, String path) {
    Object value = item;
    for (String part : Splitter.on('.').split(path)) {
      boolean number = !part.isEmpty() && part.chars().allMatch(Character::isDigit);
      value = Access.item(value, number ? (Object) Long.valueOf(part) : part);
    }
    return value;
  }
}
