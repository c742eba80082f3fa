package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.runtime.generate.Compression;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A press with its budget, ready to cut.
 *
 * @param named the press and its spec
 * @param budget how much may stay; all where the press has a rule of its own
 */
public record ServedPress(NamedPress named, Budget budget) {
  /** Checks that both are there. */
  public ServedPress {
    requireNonNull(named, "named is null");
    requireNonNull(budget, "budget is null");
  }

  /** Its spec, with the defaults of the server. */
  public String spec() {
    return named.spec().toString();
  }

  /** The same for a generation. */
  public Compression compression() {
    return new Compression(named.press(), budget);
  }

  /** Fraction to remove, where it was given as one. */
  public OptionalDouble ratio() {
    return named.press().keepsAll() || isOwn() ? OptionalDouble.empty() : budget.compressionRatio();
  }

  /** Tokens to keep, where that was given. */
  public OptionalInt tokens() {
    return budget instanceof Budget.Tokens tokens && !isOwn()
        ? OptionalInt.of(tokens.count())
        : OptionalInt.empty();
  }

  private boolean isOwn() {
    return named.press().budgetKind() == BudgetKind.OWN;
  }

  /** Press and budget in words, by which two of them are the same. */
  public String describe() {
    return isOwn() ? spec() : spec() + " " + budget.describe();
  }
}
