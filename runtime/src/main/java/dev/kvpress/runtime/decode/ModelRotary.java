package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.architecture.Rope;
import java.util.Arrays;
import java.util.Optional;

/** The rotary embeddings of a model, for presses that turn queries or keys themselves. */
final class ModelRotary {
  private final Optional<DecoderConfig> config;

  ModelRotary(Optional<DecoderConfig> config) {
    this.config = config;
  }

  /** Why no press can have them; empty where they are known. */
  Optional<String> refusal() {
    if (config.isEmpty()) {
      return Optional.of("the graph does not declare its rotary embedding");
    }
    DecoderConfig known = config.get();
    return known.ropes().isEmpty()
        ? Optional.of("%s has no rotary embedding".formatted(known.architecture()))
        : Optional.empty();
  }

  /**
   * That of a layer as it turns the tokens of a text of this length; a layer without one among
   * others turns nothing. Empty where {@link #refusal} says so.
   */
  Optional<RotaryParameters> ofLayer(int layer, int sequenceLength) {
    if (refusal().isPresent()) {
      return Optional.empty();
    }
    return config
        .flatMap(known -> known.rope(layer))
        .map(rope -> parameters(rope, sequenceLength))
        .or(() -> Optional.of(RotaryParameters.none()));
  }

  private static RotaryParameters parameters(Rope rope, int sequenceLength) {
    return new RotaryParameters(
        rope.frequencies(sequenceLength), rope.attentionScaling(), rope.interleaved());
  }

  /**
   * Why what was turned in texts of several lengths cannot be turned back as one: their frequencies
   * differ (dynamic scaling, longrope). Empty where they are the same.
   */
  Optional<String> mixed(int... sequenceLengths) {
    if (config.isEmpty() || sequenceLengths.length == 0) {
      return Optional.empty();
    }
    int shortest = Arrays.stream(sequenceLengths).min().orElseThrow();
    int longest = Arrays.stream(sequenceLengths).max().orElseThrow();
    // Frequencies change one way only as texts grow.
    boolean same =
        config.get().ropes().stream()
            .allMatch(r -> Arrays.equals(r.frequencies(shortest), r.frequencies(longest)));
    return same
        ? Optional.empty()
        : Optional.of(
            "its rotary frequencies depend on the length of the text, and those for %d and %d tokens differ"
                .formatted(shortest, longest));
  }
}
