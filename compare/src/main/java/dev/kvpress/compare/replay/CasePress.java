package dev.kvpress.compare.replay;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.presses.spec.PressSpec;
import java.util.List;
import java.util.Optional;

/** The press of a case and the budget it is given. */
final class CasePress {
  private static final String NO_BUDGET =
      "neither compression_ratio nor budget is given, so every token stays";

  private final ModelPress press;
  private final Optional<Budget> given;

  CasePress(Case asked, PressCatalog catalog, PressDefaults defaults) {
    this.press = catalog.make(PressSpec.parse(asked.press()), defaults).press();
    this.given = asked.budget();
    if (press.readsAgain()) {
      throw new CaseException(
          "press %s lets the model read the context a second time, and a recorded layer has no model; use it in compare or generate"
              .formatted(asked.press()));
    }
  }

  ModelPress press() {
    return press;
  }

  Budget budget() {
    return given.orElse(Budget.FULL);
  }

  /** A remark if a press that needs a budget was given none. */
  Optional<String> notice() {
    return given.isEmpty() && press.budgetKind() != BudgetKind.OWN
        ? Optional.of(NO_BUDGET)
        : Optional.empty();
  }

  /** Cuts the cache after a step and returns what was done. */
  CacheEdit cut(CaseCache cache, Phase phase) {
    if (!press.keepsAll() && (press.budgetKind() == BudgetKind.OWN || !budget().keepsAll())) {
      cache.requireSignals();
    }
    LayerSignals layer = cache.layer(phase);
    CacheEdit edit = press.compress(new ModelSignals(List.of(layer)), budget()).get(0);
    if (!edit.changesNothing()) {
      // Presses inside may have budgets of their own, whatever this one was given.
      cache.requireSignals();
    }
    cache.apply(edit);
    return edit;
  }
}
