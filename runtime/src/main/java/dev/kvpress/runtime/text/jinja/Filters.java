package dev.kvpress.runtime.text.jinja;

import com.google.common.collect.ImmutableMap;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters of Jinja2, and {@code tojson} as transformers has it. */
final class Filters {
  /** A filter, with the names of its parameters. */
  private record Filter(List<String> parameters, BiFunction<Object, Arguments, Object> function) {}

  private static final Pattern WORD_BEGINNING = Pattern.compile("[-\\s({\\[<]+");

  private static final ImmutableMap<String, Filter> ALL =
      ImmutableMap.<String, Filter>builder()
          .put("trim", filter(Filters::trim, "chars"))
          .put("length", filter((value, with) -> Values.length(value)))
          .put("count", filter((value, with) -> Values.length(value)))
          .put("string", filter((value, with) -> Values.text(value)))
          .put("list", filter((value, with) -> Values.items(value)))
          .put("upper", filter((value, with) -> Values.text(value).toUpperCase(Locale.ROOT)))
          .put("lower", filter((value, with) -> Values.text(value).toLowerCase(Locale.ROOT)))
          .put("capitalize", filter((value, with) -> Strings.capitalize(Values.text(value))))
          .put("title", filter((value, with) -> title(Values.text(value))))
          .put("default", filter(Filters::otherwise, "default_value", "boolean"))
          .put("d", filter(Filters::otherwise, "default_value", "boolean"))
          .put("first", filter((value, with) -> end(Values.items(value), true)))
          .put("last", filter((value, with) -> end(Values.items(value), false)))
          .put("join", filter(Filters::join, "d"))
          .put("reverse", filter(Filters::reverse))
          .put("sort", filter(Filters::sort, "reverse", "case_sensitive", "attribute"))
          .put("replace", filter(Filters::replace, "old", "new"))
          .put("indent", filter(Filters::indent, "width", "first", "blank"))
          .put("int", filter(Filters::whole, "default"))
          .put("abs", filter((value, with) -> absolute(value)))
          .put("items", filter((value, with) -> items(value)))
          .put("tojson", filter(Json::filter, "ensure_ascii", "indent", "separators", "sort_keys"))
          .buildOrThrow();

  private static final List<String> PICKING =
      List.of("map", "select", "reject", "selectattr", "rejectattr");

  private Filters() {}

  private static Filter filter(
      BiFunction<Object, Arguments, Object> function, String... parameters) {
    return new Filter(List.of(parameters), function);
  }

  static boolean knows(String name) {
    return ALL.containsKey(name) || PICKING.contains(name);
  }

  static Object apply(String name, Object value, List<Object> values, Map<String, Object> named) {
    if (PICKING.contains(name)) {
      return Picking.apply(name, value, values, named);
    }
    Filter filter = ALL.get(name);
    if (filter == null) {
      throw JinjaException.notSupported("filter " + name);
    }
    return filter.function.apply(value, new Arguments(name, values, named, filter.parameters));
  }

  private static Object trim(Object value, Arguments with) {
    Object characters = with.get("chars", None.NONE);
    List<Object> given = characters == None.NONE ? List.of() : List.of(characters);
    return Methods.call(Values.text(value), "strip", given);
  }

  private static Object otherwise(Object value, Arguments with) {
    boolean missing =
        value instanceof Undefined || with.flag("boolean", false) && !Values.isTrue(value);
    return missing ? with.get("default_value", "") : value;
  }

  private static Object end(List<Object> items, boolean first) {
    return items.isEmpty()
        ? new Undefined(first ? "first item" : "last item")
        : items.get(first ? 0 : items.size() - 1);
  }

  private static Object join(Object value, Arguments with) {
    return Values.items(value).stream()
        .map(Values::text)
        .collect(Collectors.joining(with.string("d", with.get("d", ""))));
  }

  private static Object reverse(Object value, Arguments with) {
    if (value instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> items = Values.items(value);
    Collections.reverse(items);
    return items;
  }

  private static Object sort(Object value, Arguments with) {
    boolean exact = with.flag("case_sensitive", false);
    Object attribute = with.get("attribute", None.NONE);
    List<Object> items = Values.items(value);
    Comparator<Object> order =
        (left, right) ->
            Arithmetic.compare(key(left, attribute, exact), key(right, attribute, exact));
    items.sort(with.flag("reverse", false) ? order.reversed() : order);
    return items;
  }

  private static Object key(Object item, Object attribute, boolean exact) {
    Object value = attribute == None.NONE ? item : Picking.attribute(item, Values.text(attribute));
    return value instanceof String text && !exact ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static Object replace(Object value, Arguments with) {
    return Values.text(value)
        .replace(Values.text(with.required("old")), Values.text(with.required("new")));
  }

  private static Object indent(Object value, Arguments with) {
    Object width = with.get("width", 4L);
    String margin =
        width instanceof String text ? text : " ".repeat(Math.max(0, with.integer("width", 4)));
    boolean blank = with.flag("blank", false);
    String[] lines = Values.text(value).split("\n", -1);
    StringBuilder text = new StringBuilder(with.flag("first", false) ? margin : "");
    for (int i = 0; i < lines.length; i++) {
      if (i > 0) {
        text.append('\n').append(blank || !lines[i].isEmpty() ? margin : "");
      }
      text.append(lines[i]);
    }
    return text.toString();
  }

  private static Object whole(Object value, Arguments with) {
    if (value instanceof Long || value instanceof Boolean) {
      return Arithmetic.apply("+", value, 0L);
    }
    if (value instanceof Double number) {
      return (long) number.doubleValue();
    }
    try {
      return (long) Double.parseDouble(Values.text(value).strip());
    } catch (NumberFormatException e) {
      return with.get("default", 0L);
    }
  }

  private static Object absolute(Object value) {
    return Arithmetic.compare(value, 0L) < 0 ? Arithmetic.negative(value) : value;
  }

  private static Object items(Object value) {
    if (value instanceof Undefined) {
      return List.of();
    }
    return Methods.call(value, "items", List.of());
  }

  private static String title(String text) {
    StringBuilder title = new StringBuilder();
    Matcher gaps = WORD_BEGINNING.matcher(text);
    int from = 0;
    while (gaps.find()) {
      title.append(Strings.capitalize(text.substring(from, gaps.start()))).append(gaps.group());
      from = gaps.end();
    }
    return title.append(Strings.capitalize(text.substring(from))).toString();
  }
}
