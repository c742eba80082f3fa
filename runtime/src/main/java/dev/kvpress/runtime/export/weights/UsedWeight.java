package dev.kvpress.runtime.export.weights;

import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.Set;

/**
 * A weight and how the decoder reads it.
 *
 * @param spec which one
 * @param uses every way in which it is read
 * @param outer whether it stands outside of the layers: embedding and output matrix
 */
public record UsedWeight(TensorSpec spec, Set<WeightUse> uses, boolean outer) {
  /** Takes a copy of the uses. */
  public UsedWeight {
    requireNonNull(spec, "spec is null");
    uses = Set.copyOf(uses);
  }

  /** The same with one more use. */
  public UsedWeight with(WeightUse use) {
    EnumSet<WeightUse> all = EnumSet.of(use);
    all.addAll(uses);
    return new UsedWeight(spec, all, outer);
  }
}
