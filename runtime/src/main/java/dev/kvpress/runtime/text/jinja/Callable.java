package dev.kvpress.runtime.text.jinja;

import java.util.List;
import java.util.Map;

/** What a template can call. */
interface Callable {
  /**
   * Calls it.
   *
   * @param arguments by place
   * @param named by name
   */
  Object call(List<Object> arguments, Map<String, Object> named);
}
