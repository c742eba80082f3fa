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
   * Of a checkpoint.
   *
   * @param format in which it is exported
   */
  static String of(
      WeightSizes sizes, WeightFormat format, Provider provider, MachineMemory memory) {
    String line =
        "weights: %s (%s), %s"
            .formatted(
                format.label(), origin(sizes, format, provider), Words.bytes(sizes.bytes(format)));
    return line + excess(sizes, format, memory);
  }

  private static String origin(WeightSizes sizes, WeightFormat format, Provider provider) {
    String types =
        sizes.types().stream().map(FloatDecoder::words).collect(Collectors.joining(" and "));
    String kept =
        sizes.isExact(format)
            ? "exact for the checkpoint's " + types
            : "rounded from the checkpoint's " + types;
    return switch (format) {
      case F32 -> kept;
      case F16 ->
          provider == Provider.CPU
              ? kept
                  + "; the processor has no products of halves: they are kept and computed as f32, in its memory and time"
              : kept;
      case INT8 -> kept + "; norms, biases and what no block divides stay f32";
      case INT4 ->
          kept
              + "; embedding and output matrix are int8, norms, biases and what no block divides f32";
    };
  }

  private static String excess(WeightSizes sizes, WeightFormat format, MachineMemory memory) {
    if (!memory.isExceededBy(sizes.bytes(format))) {
      return "";
    }
    String fitting =
        Arrays.stream(WeightFormat.values())
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
