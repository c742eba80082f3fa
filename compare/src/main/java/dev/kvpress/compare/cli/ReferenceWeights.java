package dev.kvpress.compare.cli;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.compare.report.folder.Words;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.WeightSizes;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.util.Arrays;
import java.util.Optional;

/**
 * Weights on which the full cache is run once more, so that it can be told what the format of the
 * run's own weights costs.
 *
 * @param label what they are called
 * @param format to run; empty where nothing is run
 * @param missing why nothing is run; empty where something is
 */
record ReferenceWeights(String label, Optional<WeightFormat> format, Optional<String> missing) {
  /** One of both must be there. */
  ReferenceWeights {
    requireNonNull(label, "label is null");
    checkArgument(format.isPresent() != missing.isPresent(), "expected a format or a reason");
  }

  /**
   * What the user wants of it.
   *
   * @param wanted whether anything is to be run
   * @param format to run; empty for float32, where that fits the memory
   */
  record Wish(boolean wanted, Optional<WeightFormat> format) {
    /** Float32, where it fits. */
    static final Wish AUTOMATIC = new Wish(true, Optional.empty());

    /** Nothing. */
    static final Wish NONE = new Wish(false, Optional.empty());
  }

  /**
   * Chooses the weights to run.
   *
   * @param weights of the run
   * @param sizes what the checkpoint's weights take in each format; empty for graphs
   * @param wish of the user
   * @param memory of this machine
   * @return empty where the run's own weights cost nothing
   */
  static Optional<ReferenceWeights> choose(
      ModelWeights weights, Optional<WeightSizes> sizes, Wish wish, MachineMemory memory) {
    if (sizes.isEmpty()) {
      return weights.quantized()
          ? Optional.of(
              left(
                  WeightFormat.F32,
                  "a graph holds its weights in one format only; run the checkpoint that it was made from, and put both side by side with compare diff"))
          : Optional.empty();
    }
    Optional<WeightFormat> own = weights.format();
    boolean exact = own.filter(sizes.get()::isExact).isPresent();
    if (own.equals(wish.format()) || (exact && wish.format().isEmpty())) {
      return Optional.empty();
    }
    WeightFormat format = wish.format().orElse(WeightFormat.F32);
    if (!wish.wanted()) {
      return Optional.of(left(format, "--reference-weights none"));
    }
    long bytes = sizes.get().bytes(format);
    return Optional.of(
        wish.format().isEmpty() && memory.isExceededBy(bytes)
            ? left(format, tooLarge(bytes, own, sizes.get(), memory))
            : new ReferenceWeights(format.label(), Optional.of(format), Optional.empty()));
  }

  private static String tooLarge(
      long bytes, Optional<WeightFormat> own, WeightSizes sizes, MachineMemory memory) {
    String advice =
        Arrays.stream(WeightFormat.values())
            .filter(format -> sizes.settled(format) == format)
            .filter(format -> !own.equals(Optional.of(format)))
            .filter(format -> !memory.isExceededBy(sizes.bytes(format)))
            .findFirst()
            .map(
                format ->
                    "; --reference-weights %s takes %s"
                        .formatted(format.label(), Words.bytes(sizes.bytes(format))))
            .orElse("");
    return "f32 weights take %s, more than this machine's %s of memory%s"
        .formatted(Words.bytes(bytes), Words.bytes(memory.usable().orElseThrow()), advice);
  }

  private static ReferenceWeights left(WeightFormat format, String reason) {
    return new ReferenceWeights(format.label(), Optional.empty(), Optional.of(reason));
  }
}
