package dev.kvpress.presses.spec;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * Parameter values for every press of a name, in any spec and nested ones too, unless the spec says
 * otherwise: {@code --h2o-local-window-size 64} is {@code {"h2o": {"local_window_size": "64"}}}.
 *
 * @param values parameter values by press name, then by parameter name
 */
public record PressDefaults(Map<String, Map<String, String>> values) {
  /** No defaults but those of the descriptors. */
  public static final PressDefaults NONE = new PressDefaults(Map.of());

  /** Takes copies. */
  public PressDefaults {
    ImmutableMap.Builder<String, Map<String, String>> copy = ImmutableMap.builder();
    values.forEach((press, own) -> copy.put(press, ImmutableMap.copyOf(own)));
    values = copy.buildOrThrow();
  }

  Map<String, String> of(String press) {
    return values.getOrDefault(press, Map.of());
  }
}
