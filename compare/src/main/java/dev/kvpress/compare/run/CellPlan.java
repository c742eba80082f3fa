package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.runtime.cache.position.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One cell of the comparison: a method at a budget.
 *
 * @param method as the user typed it
 * @param spec the whole spec with the defaults of the command line
 * @param press the press
 * @param budget what the press is given
 * @param compressionRatio the requested fraction removed: 0 for the baseline, empty for presses
 *     with their own rule and for budgets in tokens
 * @param budgetTokens the requested number of tokens, where the budget is given so
 * @param positions where tokens stand
 */
public record CellPlan(
    String method,
    String spec,
    ModelPress press,
    Budget budget,
    OptionalDouble compressionRatio,
    OptionalInt budgetTokens,
    Positions positions) {

  /** Behind the name of a method whose tokens stand at their slots. */
  private static final String ROLLED = " @rolled";

  /**
   * A method as typed, with its press.
   *
   * @param typed what the user wrote
   * @param press what it names
   * @param positions where tokens stand
   */
  public record Method(String typed, NamedPress press, Positions positions) {
    /** One at true positions. */
    public Method(String typed, NamedPress press) {
      this(typed, press, Positions.TRUE);
    }

    /** The same where tokens stand at their slots, under a name that says so. */
    public Method rolled() {
      return new Method(typed + ROLLED, press, Positions.ROLLED);
    }

    /** The press as it is asked there. */
    public ModelPress asked() {
      return positions == Positions.ROLLED ? press.press().withoutMoving() : press.press();
    }

    private String spec() {
      return press.spec() + (positions == Positions.ROLLED ? ROLLED : "");
    }
  }

  /** The same under another name. */
  CellPlan named(String name) {
    return new CellPlan(name, spec, press, budget, compressionRatio, budgetTokens, positions);
  }

  /** The same without its press, for reports. */
  public CellFacts facts() {
    return new CellFacts(
        method,
        spec,
        budget.describe(),
        compressionRatio.isPresent() ? Double.valueOf(compressionRatio.getAsDouble()) : null,
        budgetTokens.isPresent() ? Integer.valueOf(budgetTokens.getAsInt()) : null,
        positions.label(),
        press.cacheFormat().map(CacheFormat::bits).orElse(null),
        isBaseline(),
        hasOwnBudget(),
        !isBaseline() && !hasOwnBudget() && !budget.keepsAll(),
        press.budgetKind() == BudgetKind.EXACT,
        press.leaves() == CacheShape.WHOLE,
        press.evictsWhileDecoding(),
        press.readsAgain());
  }

  /** Whether the press removes nothing by design. */
  public boolean isBaseline() {
    return press.keepsAll();
  }

  /** Whether the press follows its own rule. */
  public boolean hasOwnBudget() {
    return press.budgetKind() == BudgetKind.OWN && !isBaseline();
  }

  /**
   * The fraction that the budget asks to remove of a number of tokens; NaN for presses with their
   * own rule.
   */
  public double requestedRatio(int tokens) {
    return hasOwnBudget() ? Double.NaN : 1.0 - (double) budget.keptOf(tokens) / tokens;
  }

  /** Text for messages: method and budget. */
  public String describe() {
    if (isBaseline() || hasOwnBudget()) {
      return method;
    }
    return method + " at " + budget.describe();
  }

  /**
   * All cells: the baseline and presses with their own rule once, the others once for each ratio
   * and each number of tokens.
   */
  public static List<CellPlan> of(List<Method> methods, List<Double> ratios, List<Integer> tokens) {
    List<CellPlan> cells = new ArrayList<>();
    for (Method method : methods) {
      ModelPress press = method.asked();
      String spec = method.spec();
      if (press.keepsAll()) {
        cells.add(
            new CellPlan(
                method.typed(),
                spec,
                press,
                Budget.FULL,
                OptionalDouble.of(0),
                OptionalInt.empty(),
                method.positions()));
      } else if (press.budgetKind() == BudgetKind.OWN) {
        cells.add(
            new CellPlan(
                method.typed(),
                spec,
                press,
                Budget.FULL,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                method.positions()));
      } else {
        for (double ratio : ratios) {
          cells.add(
              new CellPlan(
                  method.typed(),
                  spec,
                  press,
                  Budget.ratio(ratio),
                  OptionalDouble.of(ratio),
                  OptionalInt.empty(),
                  method.positions()));
        }
        for (int count : tokens) {
          cells.add(
              new CellPlan(
                  method.typed(),
                  spec,
                  press,
                  Budget.tokens(count),
                  OptionalDouble.empty(),
                  OptionalInt.of(count),
                  method.positions()));
        }
      }
    }
    return cells;
  }
}
