package dev.kvpress.presses;

/** How closely a press follows the budget it is given. */
public enum BudgetKind {
  /**
   * Keeps exactly {@link Budget#keptOf} tokens per row and KV head (top-k), or as many in all where
   * heads share a layer's budget.
   */
  EXACT,
  /** Keeps about that many: it removes whole chunks or whole layers. */
  GRANULAR,
  /** Has its own rule (threshold, fixed sizes) and ignores the budget. */
  OWN
}
