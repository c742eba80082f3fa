package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In how many bits the weights of a checkpoint are stored. */
final class WeightOptions {
  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      description =
          "Format of a checkpoint's matrices: f32, f16, int8, int4, or stored, which takes blocks of 4 or 8 bits as they are and all else as f32 (default: stored; exact for every checkpoint).")
  @Nullable String weights;

  /** The format; empty where none was given. */
  Optional<WeightFormat> format(Problems problems) {
    if (weights == null) {
      return Optional.empty();
    }
    return new Values(problems).choice("--weights", weights, formats());
  }

  /** All formats by the names that people type. */
  static Map<String, WeightFormat> formats() {
    Map<String, WeightFormat> formats = new LinkedHashMap<>();
    Arrays.stream(WeightFormat.values()).forEach(format -> formats.put(format.label(), format));
    return formats;
  }
}
