package dev.kvpress.runtime.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What stands in a value: by a dot, in brackets, in a slice. */
final class Access {
  private Access() {}

  /** {@code value.name}. */
  static Object attribute(Object value, String name) {
    if (value instanceof Undefined undefined) {
      throw undefined.misused();
    }
    if (value instanceof Namespace namespace) {
      return namespace.get(name);
    }
    if (value instanceof Loop loop) {
      return loop.get(name);
    }
    if (Methods.has(value, name)) {
      return Methods.bound(value, name);
    }
    if (value instanceof Map<?, ?> map) {
      Object item = map.get(name);
      return item == null ? new Undefined(name) : item;
    }
    if (name.startsWith("__")) {
      throw JinjaException.notSupported("attribute " + name);
    }
    return new Undefined(name);
  }

  /** {@code value[key]}. */
  static Object item(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw undefined.misused();
    }
    if (value instanceof Map<?, ?> map) {
      Object item = map.get(key);
      if (item != null) {
        return item;
      }
    } else if (key instanceof Long index && (value instanceof List || value instanceof String)) {
      long size = Values.length(value);
      long place = index < 0 ? index + size : index;
      if (place < 0 || place >= size) {
        return new Undefined("item " + index);
      }
      return value instanceof List<?> list
          ? list.get((int) place)
          : slice((String) value, (int) place, (int) place + 1);
    }
    return key instanceof String name
        ? attribute(value, name)
        : new Undefined("item " + Values.repr(key));
  }

  private static String slice(String text, int from, int to) {
    int begin = text.offsetByCodePoints(0, from);
    return text.substring(begin, text.offsetByCodePoints(begin, to - from));
  }

  /** {@code value[from:to:step]}; what is {@link None} is left out. */
  static Object slice(Object value, Object from, Object to, Object step) {
    int size = (int) Values.length(value);
    if (!(value instanceof List) && !(value instanceof String)) {
      throw new JinjaException("expected a list or text to slice, found " + Values.repr(value));
    }
    int stride = bound(step, 1);
    if (stride == 0) {
      throw new JinjaException("a slice must have a step other than 0");
    }
    int lowest = stride > 0 ? 0 : -1;
    int highest = stride > 0 ? size : size - 1;
    int begin = from == None.NONE ? (stride > 0 ? lowest : highest) : clip(from, size, stride);
    int end = to == None.NONE ? (stride > 0 ? highest : lowest) : clip(to, size, stride);
    if (value instanceof String text && stride == 1) {
      return slice(text, begin, Math.max(begin, end));
    }
    List<Object> items = Values.items(value);
    List<Object> taken = new ArrayList<>();
    for (int i = begin; stride > 0 ? i < end : i > end; i += stride) {
      taken.add(items.get(i));
    }
    if (value instanceof String) {
      StringBuilder text = new StringBuilder();
      taken.forEach(text::append);
      return text.toString();
    }
    return value instanceof Tuple ? new Tuple(taken) : taken;
  }

  private static int clip(Object bound, int size, int stride) {
    int place = bound(bound, 0);
    int from = place < 0 ? place + size : place;
    return stride > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
  }

  private static int bound(Object value, int otherwise) {
    if (value == None.NONE) {
      return otherwise;
    }
    if (value instanceof Long number) {
      return (int) Math.max(Math.min(number, Integer.MAX_VALUE / 4), Integer.MIN_VALUE / 4);
    }
    throw new JinjaException("expected a whole number in a slice, found " + Values.repr(value));
  }
}
