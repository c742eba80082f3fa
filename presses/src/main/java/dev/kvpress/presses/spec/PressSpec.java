package dev.kvpress.presses.spec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A press as it is written: {@code h2o(local_window_size=128)}, {@code
 * dms(h2o,threshold=0.0005,decoding=true)}. A name, then in parentheses other presses and {@code
 * name=value} parameters. Hyphens in names count as underscores.
 *
 * @param name as written, lower case, with underscores
 * @param presses presses given without a parameter name, in order
 * @param parameters values by parameter name, in order
 */
public record PressSpec(
    String name, List<PressSpec> presses, Map<String, PressSpec.Value> parameters) {

  /** Takes copies. */
  public PressSpec {
    presses = ImmutableList.copyOf(presses);
    parameters = ImmutableMap.copyOf(parameters);
  }

  /** A parameter's value. */
  public sealed interface Value {}

  /** Anything that is neither a list nor a press with parentheses; typed when the press is made. */
  public record Word(String text) implements Value {
    @Override
    public String toString() {
      return text;
    }
  }

  /** A press as a value. */
  public record Nested(PressSpec spec) implements Value {
    @Override
    public String toString() {
      return spec.toString();
    }
  }

  /** A bracketed list. */
  public record Items(List<Value> values) implements Value {
    /** Takes a copy. */
    public Items {
      values = ImmutableList.copyOf(values);
    }

    @Override
    public String toString() {
      return values.toString().replace(", ", ",");
    }
  }

  /**
   * Reads a spec.
   *
   * @throws PressSpecException saying what was expected, what was found and where
   */
  public static PressSpec parse(String text) {
    return new PressSpecParser(text).parse();
  }

  /** The same spec with one more parameter, unless it is already there. */
  public PressSpec withDefault(String parameter, String value) {
    if (parameters.containsKey(parameter)) {
      return this;
    }
    ImmutableMap.Builder<String, Value> all = ImmutableMap.builder();
    all.putAll(parameters).put(parameter, new Word(value));
    return new PressSpec(name, presses, all.buildOrThrow());
  }

  /** The text that parses to this spec again. */
  @Override
  public String toString() {
    if (presses.isEmpty() && parameters.isEmpty()) {
      return name;
    }
    List<String> parts = new ArrayList<>();
    presses.forEach(press -> parts.add(press.toString()));
    parameters.forEach((key, value) -> parts.add(key + "=" + value));
    return name + "(" + String.join(",", parts) + ")";
  }
}
