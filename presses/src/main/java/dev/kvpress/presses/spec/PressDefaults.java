package dev.kvpress.presses.spec;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * Parameter values for every press of a name, in any spec and nested ones too, unless the spec says
 * otherwise: {@code --h2o-local-window-size 64} is {@code {"h2o": {"local_window_size": "64"}}}.
 *
 * @param values parameter values by press name, then by parameter name
 * @param around parameter values of a wrapper by the name of the press in it, then by parameter
 *     name; they come before {@code values}. A wrapper takes those it has a parameter for: {@code
 *     {"h2o": {"threshold": "0.001"}}} is for {@code dms(h2o)}
 */
public record PressDefaults(
    Map<String, Map<String, String>> values, Map<String, Map<String, String>> around) {
  /** No defaults but those of the descriptors. */
  public static final PressDefaults NONE = new PressDefaults(Map.of());

  /** Takes copies. */
  public PressDefaults {
    values = copy(values);
    around = copy(around);
  }

  /** Defaults by the name of the press alone. */
  public PressDefaults(Map<String, Map<String, String>> values) {
    this(values, Map.of());
  }

  private static Map<String, Map<String, String>> copy(Map<String, Map<String, String>> map) {
    ImmutableMap.Builder<String, Map<String, String>> copy = ImmutableMap.builder();
    map.forEach((press, own) -> copy.put(press, ImmutableMap.copyOf(own)));
    return copy.buildOrThrow();
  }

  Map<String, String> of(String press) {
    return values.getOrDefault(press, Map.of());
  }

  Map<String, String> around(String press) {
    return around.getOrDefault(press, Map.of());
  }
}
