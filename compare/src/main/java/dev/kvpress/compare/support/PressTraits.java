package dev.kvpress.compare.support;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a press is like, seen on an example of it: alone with its defaults, or around {@value
 * #INNER}, which needs no signal and works in every phase, so that what is seen is the wrapper's
 * own.
 *
 * @param descriptor the catalogue line
 * @param example empty where no example can be made without the user, for instance without a file
 * @param missing why not
 */
public record PressTraits(
    PressDescriptor descriptor, Optional<NamedPress> example, String missing) {
  private static final String INNER = "knorm";

  private static final List<String> FORMS =
      List.of(
          "%s",
          "%s(" + INNER + ")",
          "%s(" + INNER + ",threshold=0)",
          "%s(" + INNER + ",compression_ratios=[0.5])",
          "%s(" + INNER + ",decoding(" + INNER + "))",
          "%s(" + INNER + "," + INNER + ")");

  /** Tries the forms in which a press can be written; the first that works is the example. */
  public static PressTraits of(PressDescriptor descriptor, PressCatalog catalog) {
    String missing = "";
    for (String form : FORMS) {
      try {
        NamedPress example = catalog.make(form.formatted(descriptor.name()));
        return new PressTraits(descriptor, Optional.of(example), "");
      } catch (PressSpecException e) {
        missing = missing.isEmpty() ? String.valueOf(e.getMessage()) : missing;
      }
    }
    return new PressTraits(descriptor, Optional.empty(), missing);
  }

  /** The example for a model: a press with one number for each layer takes as many as it has. */
  public Optional<NamedPress> exampleFor(PressCatalog catalog, int layers) {
    String ratios = String.join(",", Collections.nCopies(layers, "0.5"));
    return example.map(
        made -> {
          String spec = made.spec().toString();
          return spec.contains("ratios=[")
              ? catalog.make(spec.replaceFirst("ratios=\\[[^]]*]", "ratios=[" + ratios + "]"))
              : made;
        });
  }

  /** Whether it wraps another press. */
  public boolean wraps() {
    return example.map(made -> !made.spec().presses().isEmpty()).orElse(false);
  }

  /** Phases in which it works, lower case; of a wrapper those it allows. */
  public List<String> phases() {
    return press()
        .map(p -> p.phases().stream().map(phase -> lower(phase.name())).toList())
        .orElse(List.of());
  }

  /** Labels of the signals it needs itself. */
  public List<String> signals() {
    return press()
        .map(
            p ->
                Stream.concat(p.needs().stream(), p.needsOfReading().stream())
                    .map(Signal::label)
                    .distinct()
                    .sorted()
                    .toList())
        .orElse(List.of());
  }

  /** How it follows a budget; empty where there is no example. */
  public String budget() {
    return press().map(p -> lower(p.budgetKind().name())).orElse("");
  }

  private Optional<ModelPress> press() {
    return example.map(NamedPress::press);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
