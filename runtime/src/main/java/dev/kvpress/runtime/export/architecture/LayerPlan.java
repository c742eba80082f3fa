package dev.kvpress.runtime.export.architecture;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.attention.AttentionShape;

/**
 * What one layer's attention is.
 *
 * @param attention what it computes
 * @param rope which of {@link DecoderConfig#ropes} turns its queries and keys, −1 for none
 */
public record LayerPlan(AttentionShape attention, int rope) {
  /** A layer whose queries and keys are not turned. */
  public static final int NO_ROPE = -1;

  /** Checks that the layer can be built. */
  public LayerPlan {
    requireNonNull(attention, "attention is null");
    checkArgument(rope >= NO_ROPE, "rope must be an index or -1, found %s", rope);
  }
}
