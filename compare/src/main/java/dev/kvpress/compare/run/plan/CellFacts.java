package dev.kvpress.compare.run.plan;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * All that reports and checks ask of a cell, without its press.
 *
 * @param method as the user typed it
 * @param spec the whole spec with the defaults of the command line
 * @param budget what the press was given, in words
 * @param compressionRatio the requested fraction removed: 0 for the baseline, null for presses with
 *     their own rule and for budgets in tokens
 * @param budgetTokens the requested number of tokens, where the budget is given so
 * @param positions where tokens stand
 * @param kvBits bits of a number of the cache; null for a cache in full
 * @param baseline whether the press removes nothing by design
 * @param ownBudget whether the press follows its own rule
 * @param mustRemove whether something has to be removed
 * @param exact whether the press meets its ratio to the token
 * @param keepsTokens whether every token stays and the method changes what is kept of each
 * @param evictsWhileDecoding whether the press goes on evicting behind the context
 * @param readsAgain whether the press lets the model read the context a second time
 */
public record CellFacts(
    String method,
    String spec,
    String budget,
    @Nullable Double compressionRatio,
    @Nullable Integer budgetTokens,
    String positions,
    @Nullable Integer kvBits,
    boolean baseline,
    boolean ownBudget,
    boolean mustRemove,
    boolean exact,
    boolean keepsTokens,
    boolean evictsWhileDecoding,
    boolean readsAgain) {
  /** What names the cell must be there. */
  public CellFacts {
    requireNonNull(method, "method");
    requireNonNull(spec, "spec");
    requireNonNull(budget, "budget");
    requireNonNull(positions, "positions");
  }

  /** Text for messages: method and budget. */
  public String describe() {
    return baseline || ownBudget ? method : method + " at " + budget;
  }
}
