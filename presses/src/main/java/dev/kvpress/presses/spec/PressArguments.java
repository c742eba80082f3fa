package dev.kvpress.presses.spec;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.ScorerPress;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The arguments from which a factory makes its press: parameters checked against the descriptor,
 * presses inside already made.
 */
public final class PressArguments {
  private final PressDescriptor descriptor;
  private final PressSpec spec;
  private final List<NamedPress> presses;
  private boolean pressesAsked;

  PressArguments(PressDescriptor descriptor, PressSpec spec, List<NamedPress> presses) {
    this.descriptor = descriptor;
    this.spec = spec;
    this.presses = ImmutableList.copyOf(presses);
  }

  /** Name of the press that is being made. */
  public String name() {
    return descriptor.name();
  }

  /** The presses inside, in order. */
  public List<NamedPress> presses() {
    pressesAsked = true;
    return presses;
  }

  /** Refuses presses inside one that has not asked for any. */
  void requirePressesUsed() {
    if (!presses.isEmpty() && !pressesAsked) {
      throw new PressSpecException(
          "%s wraps no press, found '%s' inside"
              .formatted(descriptor.name(), presses.get(0).spec()));
    }
  }

  /**
   * The only press inside, which must be a scorer.
   *
   * @throws PressSpecException if there is none, more than one, or one that gives no scores
   */
  public ScorerPress scorer() {
    ModelPress inner = press().press();
    if (!(inner instanceof ScorerPress scorer)) {
      throw new PressSpecException(
          "%s wraps a press that gives scores, which '%s' does not; wrap a scorer, for instance %s(snapkv)"
              .formatted(name(), press().spec(), name()));
    }
    return scorer;
  }

  /**
   * The only press inside, which must work layer by layer.
   *
   * @throws PressSpecException if there is none, more than one, or one that needs all layers
   */
  public Press layerPress() {
    if (press().press().readsAgain()) {
      throw new PressSpecException(
          "%s wraps a press that works layer by layer, '%s' reads the context a second time for all layers; use '%s' alone or in prefill_decoding"
              .formatted(name(), press().spec(), press().spec()));
    }
    if (!(press().press() instanceof Press inner)) {
      throw new PressSpecException(
          "%s wraps a press that works layer by layer, '%s' needs all layers at once; use '%s' alone, in composed or in prefill_decoding"
              .formatted(name(), press().spec(), press().spec()));
    }
    return inner;
  }

  /** The only press inside. */
  public NamedPress press() {
    pressesAsked = true;
    if (presses.size() != 1) {
      throw new PressSpecException(
          "%s wraps exactly one press, found %d; write for instance %s(h2o)"
              .formatted(descriptor.name(), presses.size(), descriptor.name()));
    }
    return presses.get(0);
  }

  /** Whether a parameter was written in the spec. */
  public boolean isGiven(String name) {
    return spec.parameters().containsKey(name);
  }

  /** A whole number that has a default or must be there. */
  public int integer(String name) {
    return optionalInteger(name).orElseThrow(() -> required(name));
  }

  /** A whole number that has a default or must be there. */
  public int integer(Parameter parameter) {
    return integer(parameter.name());
  }

  /** A whole number, if given. */
  public OptionalInt optionalInteger(String name) {
    Optional<String> text = textOf(name, Parameter.Type.INTEGER);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int value = new BigDecimal(text.get()).intValueExact();
      checkRange(name, value, text.get());
      return OptionalInt.of(value);
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(name, "a whole number", text.get());
    }
  }

  /** A real number that has a default or must be there. */
  public double number(String name) {
    return optionalNumber(name).orElseThrow(() -> required(name));
  }

  /** A real number that has a default or must be there. */
  public double number(Parameter parameter) {
    return number(parameter.name());
  }

  /** A real number, if given. */
  public OptionalDouble optionalNumber(String name) {
    Optional<String> text = textOf(name, Parameter.Type.NUMBER);
    if (text.isEmpty()) {
      return OptionalDouble.empty();
    }
    double value;
    try {
      value = Double.parseDouble(text.get());
    } catch (NumberFormatException e) {
      throw wrong(name, "a number", text.get());
    }
    if (Double.isNaN(value)) {
      throw wrong(name, "a number", text.get());
    }
    checkRange(name, value, text.get());
    return OptionalDouble.of(value);
  }

  /** A flag that has a default or must be there. */
  public boolean flag(String name) {
    return optionalFlag(name).orElseThrow(() -> required(name));
  }

  /** A flag, if given. */
  public Optional<Boolean> optionalFlag(String name) {
    return textOf(name, Parameter.Type.FLAG)
        .map(
            text ->
                switch (text.toLowerCase(Locale.ROOT)) {
                  case "true", "yes", "1" -> true;
                  case "false", "no", "0" -> false;
                  default -> throw wrong(name, "true or false", text);
                });
  }

  /** Text, if given or with a default. */
  public Optional<String> text(String name) {
    return textOf(name, Parameter.Type.TEXT);
  }

  /** The values of a list, empty if not given. */
  public List<PressSpec.Value> list(String name) {
    parameter(name, Parameter.Type.LIST);
    PressSpec.Value value = spec.parameters().get(name);
    if (value == null) {
      return List.of();
    }
    return value instanceof PressSpec.Items items ? items.values() : List.of(value);
  }

  /** The numbers of a list, empty if not given. */
  public List<Double> numbers(String name) {
    ImmutableList.Builder<Double> numbers = ImmutableList.builder();
    for (PressSpec.Value value : list(name)) {
      double number;
      try {
        number = Double.parseDouble(value.toString());
      } catch (NumberFormatException e) {
        throw wrong(name, "a list of numbers", value.toString());
      }
      if (Double.isNaN(number)) {
        throw wrong(name, "a list of numbers", value.toString());
      }
      checkRange(name, number, value.toString());
      numbers.add(number);
    }
    return numbers.build();
  }

  /** The numbers of a list, empty if not given. */
  public List<Double> numbers(Parameter parameter) {
    return numbers(parameter.name());
  }

  private Optional<String> textOf(String name, Parameter.Type type) {
    Parameter parameter = parameter(name, type);
    PressSpec.Value value = spec.parameters().get(name);
    if (value == null) {
      return Optional.ofNullable(parameter.defaultText());
    }
    if (value instanceof PressSpec.Word word) {
      // kvpress writes None for "no value".
      return word.text().equalsIgnoreCase("none") ? Optional.empty() : Optional.of(word.text());
    }
    throw wrong(name, "a single value", value.toString());
  }

  private Parameter parameter(String name, Parameter.Type type) {
    Parameter parameter =
        descriptor.parameters().stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        descriptor.name() + " reads " + name + ", which its descriptor lacks"));
    if (parameter.type() != type) {
      throw new IllegalStateException(
          descriptor.name()
              + " reads "
              + name
              + " as "
              + type
              + ", described as "
              + parameter.type());
    }
    return parameter;
  }

  private void checkRange(String name, double value, String text) {
    Parameter p =
        descriptor.parameters().stream()
            .filter(q -> q.name().equals(name))
            .findFirst()
            .orElseThrow();
    if (!p.accepts(value)) {
      throw wrong(name, Ranges.describe(p), text);
    }
  }

  private PressSpecException wrong(String name, String expected, String found) {
    return new PressSpecException(
        "%s: %s must be %s, found '%s'".formatted(descriptor.name(), name, expected, found));
  }

  private PressSpecException required(String name) {
    return new PressSpecException(
        "%s needs %s; write %s(%s=…)".formatted(descriptor.name(), name, descriptor.name(), name));
  }
}
