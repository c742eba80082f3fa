package dev.kvpress.compare.replay;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that stand for parameters of presses wherever a spec leaves them out. */
final class PressOptions {
  private @Spec(Spec.Target.MIXEE) @Nullable CommandSpec command;

  @Option(
      names = "--h2o-local-window-size",
      paramLabel = "N",
      description = "local_window_size of h2o where the spec gives none")
  private @Nullable Integer h2oLocalWindowSize;

  @Option(
      names = "--sliding-window-size",
      paramLabel = "N",
      description = "sliding_window_size of dms where the spec gives none")
  private @Nullable Integer slidingWindowSize;

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description = "threshold of dms where the spec gives none")
  private @Nullable Double threshold;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of every press that draws random numbers and whose spec gives none")
  private @Nullable Integer seed;

  /**
   * The defaults for a catalogue.
   *
   * @throws ParameterException for a value no press could take
   */
  PressDefaults defaults(PressCatalog catalog) {
    Map<String, Map<String, String>> values = new HashMap<>();
    if (h2oLocalWindowSize != null) {
      put(values, "h2o", "local_window_size", size("--h2o-local-window-size", h2oLocalWindowSize));
    }
    if (slidingWindowSize != null) {
      put(values, "dms", "sliding_window_size", size("--sliding-window-size", slidingWindowSize));
    }
    if (threshold != null) {
      if (threshold.isNaN()) {
        throw wrong("--threshold: expected a number, found nan");
      }
      put(values, "dms", "threshold", threshold.toString());
    }
    if (seed != null) {
      String number = seed.toString();
      catalog.descriptors().stream()
          .filter(press -> press.parameters().stream().anyMatch(p -> p.name().equals("seed")))
          .forEach(press -> put(values, press.name(), "seed", number));
    }
    return new PressDefaults(values);
  }

  private String size(String option, int value) {
    if (value < 0) {
      throw wrong("%s: expected 0 or more tokens, found %d".formatted(option, value));
    }
    return String.valueOf(value);
  }

  private ParameterException wrong(String message) {
    CommandSpec spec = java.util.Objects.requireNonNull(command, "picocli sets the command");
    return new ParameterException(spec.commandLine(), message);
  }

  private static void put(
      Map<String, Map<String, String>> values, String press, String parameter, String value) {
    values.computeIfAbsent(press, name -> new HashMap<>()).put(parameter, value);
  }
}
