package dev.kvpress.runtime.text.jinja;

import java.util.List;
import java.util.Map;

/**
 * What a function, filter or test is given, read by the names of its parameters.
 *
 * @param name of the function, for messages
 * @param values by place
 * @param named by name
 * @param parameters the names in order
 */
record Arguments(
    String name, List<Object> values, Map<String, Object> named, List<String> parameters) {
  /**
   * Checks that every argument has a parameter.
   *
   * @throws JinjaException naming the one that has none
   */
  Arguments {
    if (values.size() > parameters.size()) {
      throw new JinjaException(
          "%s: expected at most %d arguments, found %d"
              .formatted(name, parameters.size(), values.size()));
    }
    for (String given : named.keySet()) {
      int place = parameters.indexOf(given);
      if (place < 0 || place < values.size()) {
        throw JinjaException.notSupported(name + ": argument " + given);
      }
    }
  }

  static Arguments of(
      String name, List<Object> values, Map<String, Object> named, String... parameters) {
    return new Arguments(name, values, named, List.of(parameters));
  }

  Object get(String parameter, Object otherwise) {
    int place = parameters.indexOf(parameter);
    return place < values.size() ? values.get(place) : named.getOrDefault(parameter, otherwise);
  }

  Object required(String parameter) {
    Object value = get(parameter, new Undefined(parameter));
    if (value instanceof Undefined && !has(parameter)) {
      throw new JinjaException(name + ": expected " + parameter + ", found nothing");
    }
    return value;
  }

  private boolean has(String parameter) {
    return parameters.indexOf(parameter) < values.size() || named.containsKey(parameter);
  }

  String string(String parameter) {
    return string(parameter, required(parameter));
  }

  String string(String parameter, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new JinjaException(
        "%s: %s: expected a text, found %s".formatted(name, parameter, Values.repr(value)));
  }

  int integer(String parameter, int otherwise) {
    Object value = get(parameter, (long) otherwise);
    if (value instanceof Long number && number == number.intValue()) {
      return number.intValue();
    }
    throw new JinjaException(
        "%s: %s: expected a whole number, found %s".formatted(name, parameter, Values.repr(value)));
  }

  boolean flag(String parameter, boolean otherwise) {
    return Values.isTrue(get(parameter, otherwise));
  }
}
