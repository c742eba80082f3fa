package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the full cache is held against, so that nobody blames a press for the weights. */
final class ReferenceOptions {
  private static final String NAME = "--reference-weights";

  @Option(
      names = NAME,
      paramLabel = "FORMAT",
      description =
          "Weights on which the full cache of perplexity is run once more, to tell what --weights cost: f32, f16, int8, int4 or none (default: f32, where it fits the memory).")
  @Nullable String format;

  /**
   * What is wished for.
   *
   * @param weights as asked for the run itself
   */
  ReferenceWeights.Wish wish(Optional<WeightFormat> weights, Problems problems) {
    if (format == null) {
      return ReferenceWeights.Wish.AUTOMATIC;
    }
    Map<String, ReferenceWeights.Wish> wishes = new LinkedHashMap<>();
    WeightOptions.formats()
        .forEach(
            (label, one) -> wishes.put(label, new ReferenceWeights.Wish(true, Optional.of(one))));
    wishes.put("none", ReferenceWeights.Wish.NONE);
    ReferenceWeights.Wish wish =
        new Values(problems).choice(NAME, format, wishes).orElse(ReferenceWeights.Wish.AUTOMATIC);
    if (weights.isPresent() && wish.format().equals(weights)) {
      problems.add(
          "%s: expected another format than --weights %s, found the same; leave it out or give none"
              .formatted(NAME, weights.get().label()));
    }
    return wish;
  }
}
