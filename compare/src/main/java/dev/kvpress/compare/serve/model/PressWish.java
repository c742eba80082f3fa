package dev.kvpress.compare.serve.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What somebody has said on press and budget, all of it or a part.
 *
 * @param press its spec
 * @param ratio fraction of the cache to remove, in [0, 1)
 * @param tokens to keep instead, at least 1
 */
public record PressWish(Optional<String> press, OptionalDouble ratio, OptionalInt tokens) {
  /** Nothing was said. */
  public static final PressWish NONE =
      new PressWish(Optional.empty(), OptionalDouble.empty(), OptionalInt.empty());

  /** Checks that a budget is given in one way at most. */
  public PressWish {
    checkArgument(
        ratio.isEmpty() || tokens.isEmpty(),
        "give compression_ratio or kv_budget, not both; found %s and %s",
        ratio,
        tokens);
  }

  /** Whether it says how much may stay. */
  public boolean hasBudget() {
    return ratio.isPresent() || tokens.isPresent();
  }

  /** Whether it says nothing. */
  public boolean isEmpty() {
    return press.isEmpty() && !hasBudget();
  }

  /** This one with the budget of another. */
  PressWish withBudgetOf(PressWish other) {
    return new PressWish(press, other.ratio(), other.tokens());
  }

  /**
   * Reads {@code SPEC} or {@code SPEC@RATIO}.
   *
   * @throws IllegalArgumentException if what stands behind the {@code @} is no ratio
   */
  public static PressWish parse(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      return new PressWish(Optional.of(text), OptionalDouble.empty(), OptionalInt.empty());
    }
    String behind = text.substring(at + 1).strip();
    try {
      double ratio = Double.parseDouble(behind);
      if (ratio >= 0 && ratio < 1) {
        return new PressWish(
            Optional.of(text.substring(0, at)), OptionalDouble.of(ratio), OptionalInt.empty());
      }
    } catch (NumberFormatException e) {
      // Said below, as for numbers out of range.
    }
    throw new IllegalArgumentException(
        "expected PRESS@RATIO with the fraction of the cache to remove, in [0, 1), found '%s' behind the @"
            .formatted(behind));
  }
}
