package dev.kvpress.runtime.text.jinja;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Methods of Python's texts, maps and lists. Those that Python has and this has not are refused.
 */
final class Methods {
  /** A method, with the names of its parameters. */
  private record Method<T>(List<String> parameters, BiFunction<T, Arguments, Object> function) {}

  private static final ImmutableMap<String, Method<String>> OF_TEXT =
      ImmutableMap.<String, Method<String>>builder()
          .put("strip", method((text, with) -> characters(with).trimFrom(text), "chars"))
          .put("lstrip", method((text, with) -> characters(with).trimLeadingFrom(text), "chars"))
          .put("rstrip", method((text, with) -> characters(with).trimTrailingFrom(text), "chars"))
          .put("startswith", method((text, with) -> affix(text, with, true), "prefix"))
          .put("endswith", method((text, with) -> affix(text, with, false), "prefix"))
          .put("split", method((text, with) -> split(text, with, false), "sep", "maxsplit"))
          .put("rsplit", method((text, with) -> split(text, with, true), "sep", "maxsplit"))
          .put(
              "replace",
              method(
                  (text, with) -> text.replace(with.string("old"), with.string("new")),
                  "old",
                  "new"))
          .put("upper", method((text, with) -> text.toUpperCase(Locale.ROOT)))
          .put("lower", method((text, with) -> text.toLowerCase(Locale.ROOT)))
          .put("title", method((text, with) -> Strings.title(text)))
          .put("capitalize", method((text, with) -> Strings.capitalize(text)))
          .put("find", method((text, with) -> Strings.find(text, with.string("sub"), false), "sub"))
          .put("rfind", method((text, with) -> Strings.find(text, with.string("sub"), true), "sub"))
          .put("count", method((text, with) -> Strings.count(text, with.string("sub")), "sub"))
          .put("join", method(Methods::join, "iterable"))
          .put("removeprefix", method((text, with) -> without(text, with, true), "prefix"))
          .put("removesuffix", method((text, with) -> without(text, with, false), "suffix"))
          .buildOrThrow();

  private static final ImmutableMap<String, Method<Map<?, ?>>> OF_MAP =
      ImmutableMap.<String, Method<Map<?, ?>>>builder()
          .put("get", method(Methods::get, "key", "default"))
          .put("items", method((map, with) -> items(map)))
          .put("keys", method((map, with) -> new ArrayList<Object>(map.keySet())))
          .put("values", method((map, with) -> new ArrayList<Object>(map.values())))
          .buildOrThrow();

  private static final Set<String> OTHERS_OF_TEXT =
      ImmutableSet.of(
          "casefold",
          "center",
          "encode",
          "expandtabs",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "ljust",
          "maketrans",
          "partition",
          "rindex",
          "rjust",
          "rpartition",
          "splitlines",
          "swapcase",
          "translate",
          "zfill");

  private static final Set<String> OTHERS_OF_MAP =
      ImmutableSet.of("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update");

  private static final Set<String> OTHERS_OF_LIST =
      ImmutableSet.of(
          "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove",
          "reverse", "sort");

  private Methods() {}

  private static <T> Method<T> method(
      BiFunction<T, Arguments, Object> function, String... parameters) {
    return new Method<>(List.of(parameters), function);
  }

  /** Whether Python's value has a method of this name. */
  static boolean has(Object value, String name) {
    if (value instanceof String) {
      return OF_TEXT.containsKey(name) || OTHERS_OF_TEXT.contains(name);
    }
    if (value instanceof Map) {
      return OF_MAP.containsKey(name) || OTHERS_OF_MAP.contains(name);
    }
    return value instanceof List && OTHERS_OF_LIST.contains(name);
  }

  /** A method of a value, to be called. */
  static Callable bound(Object value, String name) {
    return (arguments, named) -> {
      if (!named.isEmpty()) {
        throw JinjaException.notSupported("method " + name + ": argument " + named.keySet());
      }
      return call(value, name, arguments);
    };
  }

  static Object call(Object value, String name, List<Object> arguments) {
    if (value instanceof String text) {
      return call(text, name, OF_TEXT.get(name), arguments);
    }
    if (value instanceof Map<?, ?> map) {
      return call(map, name, OF_MAP.get(name), arguments);
    }
    throw JinjaException.notSupported("method " + name);
  }

  private static <T> Object call(
      T value, String name, @Nullable Method<T> method, List<Object> arguments) {
    if (method == null) {
      throw JinjaException.notSupported("method " + name);
    }
    return method.function.apply(
        value, new Arguments(name, arguments, Map.of(), method.parameters));
  }

  private static CharMatcher characters(Arguments with) {
    Object characters = with.get("chars", None.NONE);
    return characters == None.NONE
        ? Strings.SPACE
        : CharMatcher.anyOf(with.string("chars", characters));
  }

  private static boolean affix(String text, Arguments with, boolean start) {
    Object affixes = with.required("prefix");
    List<Object> any = affixes instanceof Tuple tuple ? tuple : List.of(affixes);
    return any.stream()
        .map(affix -> with.string("prefix", affix))
        .anyMatch(affix -> start ? text.startsWith(affix) : text.endsWith(affix));
  }

  private static List<Object> split(String text, Arguments with, boolean fromEnd) {
    Object separator = with.get("sep", None.NONE);
    int most = with.integer("maxsplit", -1);
    if (separator == None.NONE) {
      if (most >= 0) {
        throw JinjaException.notSupported("split: a number of cuts at white space");
      }
      return Strings.words(text);
    }
    String cut = with.string("sep", separator);
    return fromEnd ? Strings.splitFromEnd(text, cut, most) : Strings.split(text, cut, most);
  }

  private static String join(String text, Arguments with) {
    return Values.items(with.required("iterable")).stream()
        .map(item -> with.string("iterable", item))
        .collect(Collectors.joining(text));
  }

  private static String without(String text, Arguments with, boolean start) {
    String affix = with.string(with.parameters().get(0));
    if (affix.isEmpty() || !(start ? text.startsWith(affix) : text.endsWith(affix))) {
      return text;
    }
    return start
        ? text.substring(affix.length())
        : text.substring(0, text.length() - affix.length());
  }

  private static Object get(Map<?, ?> map, Arguments with) {
    Object value = map.get(with.required("key"));
    return value == null ? with.get("default", None.NONE) : value;
  }

  private static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(new Tuple(List.of(key, value))));
    return items;
  }
}
