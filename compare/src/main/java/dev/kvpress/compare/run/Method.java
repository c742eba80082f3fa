package dev.kvpress.compare.run;

import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.NamedPress;

/**
 * A method of a comparison.
 *
 * @param typed as it was typed
 * @param named the press with its full spec
 */
public record Method(String typed, NamedPress named) {
  /** The press. */
  public ModelPress press() {
    return named.press();
  }

  /** Whether this is the baseline, which removes nothing. */
  public boolean isBaseline() {
    return press().keepsAll();
  }

  /** Whether the press follows the budget of the sweep. */
  public boolean followsBudget() {
    return press().budgetKind() != BudgetKind.OWN;
  }
}
