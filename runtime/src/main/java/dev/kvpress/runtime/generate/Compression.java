package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.BaselinePress;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;

/**
 * What cuts a cache, and how much may stay. A press of the prefill cuts once, behind the last token
 * of the prompt; one that evicts while decoding is asked after each step too. For one press in the
 * prefill and another while decoding there is {@code PrefillDecodingPress}, or the spec {@code
 * prefill_decoding(…)}.
 *
 * @param press what cuts
 * @param budget how much may stay
 */
public record Compression(ModelPress press, Budget budget) {
  /** Nothing is cut. */
  public static final Compression NONE = new Compression(new BaselinePress(), Budget.FULL);

  /** Checks that both are there and that the press heeds a budget that asks to remove something. */
  public Compression {
    requireNonNull(press, "press is null");
    requireNonNull(budget, "budget is null");
    checkArgument(
        budget.keepsAll() || !press.keepsAll(),
        "%s keeps everything, so that %s would remove nothing; take a press that follows a budget, or Compression.NONE",
        press.getClass().getSimpleName(),
        budget.describe());
    checkArgument(
        budget.keepsAll() || press.budgetKind() != BudgetKind.OWN,
        "%s follows no budget, so that %s would change nothing; give Budget.FULL, or take a press that follows a budget",
        press.getClass().getSimpleName(),
        budget.describe());
  }

  /** Whether the cache stays as passes compute it, whatever the budget. */
  public boolean isNone() {
    return press.keepsAll() && press.cacheFormat().isEmpty();
  }
}
