package dev.kvpress.runtime.text.jinja;

import com.google.common.collect.ImmutableMap;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Functions of Jinja2, and those that transformers gives to chat templates. */
final class Functions {
  static final ImmutableMap<String, Callable> ALL =
      ImmutableMap.of(
          "range",
          Functions::range,
          "namespace",
          (arguments, named) -> new Namespace(named("namespace", arguments, named)),
          "dict",
          (arguments, named) -> new LinkedHashMap<>(named("dict", arguments, named)),
          "raise_exception",
          Functions::raise,
          "strftime_now",
          Functions::now,
          "cycler",
          refused("cycler"),
          "joiner",
          refused("joiner"),
          "lipsum",
          refused("lipsum"));

  private static final int LONGEST_RANGE = 100_000;

  private static final ImmutableMap<Character, String> DATE_PARTS =
      ImmutableMap.<Character, String>builder()
          .put('d', "dd")
          .put('b', "MMM")
          .put('B', "MMMM")
          .put('m', "MM")
          .put('Y', "yyyy")
          .put('y', "yy")
          .put('H', "HH")
          .put('I', "hh")
          .put('p', "a")
          .put('M', "mm")
          .put('S', "ss")
          .put('A', "EEEE")
          .put('a', "EEE")
          .put('j', "DDD")
          .buildOrThrow();

  private Functions() {}

  private static Callable refused(String name) {
    return (arguments, named) -> {
      throw JinjaException.notSupported("function " + name);
    };
  }

  private static Map<String, Object> named(
      String name, List<Object> arguments, Map<String, Object> named) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Object argument : arguments) {
      if (!(argument instanceof Map<?, ?> map)) {
        throw new JinjaException(name + ": expected a map, found " + Values.repr(argument));
      }
      map.forEach((key, value) -> values.put(Values.text(key), value));
    }
    values.putAll(named);
    return values;
  }

  private static Object range(List<Object> arguments, Map<String, Object> named) {
    boolean one = arguments.size() == 1;
    Arguments with =
        Arguments.of(
            "range",
            arguments,
            named,
            one ? new String[] {"stop"} : new String[] {"start", "stop", "step"});
    int from = one ? 0 : with.integer("start", 0);
    int to = with.integer("stop", 0);
    int step = one ? 1 : with.integer("step", 1);
    if (step == 0) {
      throw new JinjaException("range: the step must not be 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      numbers.add(i);
      if (numbers.size() > LONGEST_RANGE) {
        throw new JinjaException("range: more than " + LONGEST_RANGE + " numbers");
      }
    }
    return numbers;
  }

  private static Object raise(List<Object> arguments, Map<String, Object> named) {
    Arguments with = Arguments.of("raise_exception", arguments, named, "message");
    throw JinjaException.raisedByTemplate(Values.text(with.required("message")));
  }

  /** Today in the words of C's {@code strftime}, in English. */
  private static Object now(List<Object> arguments, Map<String, Object> named) {
    String format = Arguments.of("strftime_now", arguments, named, "format").string("format");
    LocalDateTime now = LocalDateTime.now();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char part = format.charAt(++i);
      String pattern = DATE_PARTS.get(part);
      if (part == '%') {
        text.append('%');
      } else if (pattern != null) {
        text.append(now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)));
      } else {
        throw JinjaException.notSupported("strftime_now: %" + part);
      }
    }
    return text.toString();
  }
}
