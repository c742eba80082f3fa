package dev.kvpress.compare.cli;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.compare.report.folder.Words;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.WeightSizes;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.ort.Provider;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One line on how the weights of a model are stored, and what that means. */
final class WeightWords {
  private WeightWords() {}

  /**
   * Of a checkpoint that is run.
   *
   * @param format in which it is exported
   */
  static String of(
      WeightSizes sizes, WeightFormat format, Provider provider, MachineMemory memory) {
    String widened =
        format == WeightFormat.F16 && provider == Provider.CPU
            ? "; the processor has no products of halves: they are kept and computed as f32, in its memory and time"
            : "";
    WeightFormat settled = sizes.settled(format);
    return line(sizes, settled, widened) + excess(sizes, settled, memory);
  }

  /** Of a checkpoint that is written as a graph. */
  static String of(WeightSizes sizes, WeightFormat format) {
    return line(sizes, sizes.settled(format), "");
  }

  private static String line(WeightSizes sizes, WeightFormat format, String more) {
    return "weights: %s (%s%s%s), %s"
        .formatted(
            format.label(),
            origin(sizes, format),
            wide(format),
            more,
            Words.bytes(sizes.bytes(format)));
  }

  private static String origin(WeightSizes sizes, WeightFormat format) {
    String types =
        sizes.types().stream().map(FloatDecoder::words).collect(Collectors.joining(" and "));
    return (sizes.isExact(format) ? "exact for" : "rounded from")
        + " the checkpoint's "
        + (sizes.quantized() ? "blocks of whole numbers and " + types : types);
  }

  /** What is not stored as the format's name says. */
  private static String wide(WeightFormat format) {
    return switch (format) {
      case F32, F16 -> "";
      case STORED -> "; blocks of 4 or 8 bits as they are, all else f32";
      case INT8 -> "; norms, biases and what no block divides stay f32";
      case INT4 ->
          "; embedding and output matrix are int8, norms, biases and what no block divides f32";
    };
  }

  private static String excess(WeightSizes sizes, WeightFormat format, MachineMemory memory) {
    if (!memory.isExceededBy(sizes.bytes(format))) {
      return "";
    }
    String fitting =
        Arrays.stream(WeightFormat.values())
            .filter(other -> sizes.settled(other) == other)
            .filter(other -> !memory.isExceededBy(sizes.bytes(other)))
            .map(
                other ->
                    "--weights %s takes %s"
                        .formatted(other.label(), Words.bytes(sizes.bytes(other))))
            .collect(Collectors.joining(", "));
    return ": more than this machine's %s of memory; %s"
        .formatted(
            Words.bytes(memory.usable().orElseThrow()),
            fitting.isEmpty() ? "it fits in no format" : fitting);
  }

  /** Of a graph, whose weights are what they are. */
  static String of(ModelWeights weights, MachineMemory memory) {
    String line =
        "weights: %s, as the graph holds them, %s"
            .formatted(weights.label(), Words.bytes(weights.bytes()));
    return memory.isExceededBy(weights.bytes())
        ? line
            + ": more than this machine's %s of memory"
                .formatted(Words.bytes(memory.usable().orElseThrow()))
        : line;
  }
}
