package dev.kvpress.compare.run;

import dev.kvpress.presses.Budget;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A method with the budget it is given.
 *
 * @param method the method
 * @param budget what may stay
 * @param compressionRatio the fraction to be removed; 0 for the baseline, empty where the press has
 *     its own budget or the budget is a number of tokens
 */
public record PlannedCell(Method method, Budget budget, OptionalDouble compressionRatio) {
  /** The tokens to be kept, where the budget is a number of tokens. */
  public OptionalInt budgetTokens() {
    return budget instanceof Budget.Tokens tokens
        ? OptionalInt.of(tokens.count())
        : OptionalInt.empty();
  }
}
