package dev.kvpress.compare.gpu;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * What one press did on two providers.
 *
 * @param press its specification
 * @param prefillGap largest difference of a logit after the prompt, relative: |a − b| / (1 + |a|)
 * @param keptAlike share of the tokens kept on the processor that were kept on the other side too,
 *     over all layers and heads
 * @param decodeGap the like of {@code prefillGap} over all steps of decoding
 * @param sameTokens steps whose most likely token was the same
 * @param steps steps of decoding, both over the processor's tokens
 */
record Trial(
    String press,
    double prefillGap,
    double keptAlike,
    double decodeGap,
    int sameTokens,
    int steps) {
  Trial {
    requireNonNull(press, "press is null");
    checkArgument(
        keptAlike >= 0 && keptAlike <= 1, "keptAlike must be in [0, 1], found %s", keptAlike);
    checkArgument(
        sameTokens >= 0 && sameTokens <= steps,
        "sameTokens must be in [0, %s], found %s",
        steps,
        sameTokens);
  }

  /**
   * Whether both sides agree: the same tokens kept and chosen, logits within a tolerance. A gap
   * that is no number agrees with nothing.
   */
  boolean agrees(double tolerance) {
    return prefillGap <= tolerance
        && keptAlike == 1
        && decodeGap <= tolerance
        && sameTokens == steps;
  }
}
