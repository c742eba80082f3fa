package dev.kvpress.runtime.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** Variables that a loop can change for those behind it. */
final class Namespace {
  private final Map<String, Object> values = new LinkedHashMap<>();

  Namespace(Map<String, Object> values) {
    this.values.putAll(values);
  }

  Object get(String name) {
    return values.getOrDefault(name, new Undefined(name));
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
