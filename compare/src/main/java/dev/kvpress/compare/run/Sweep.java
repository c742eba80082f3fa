package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.Problems;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The cells of a comparison: the baseline once, presses with their own budget once, every other
 * method at every ratio and budget.
 *
 * @param protocol when caches are compressed
 * @param cells the baseline first
 */
public record Sweep(Protocol protocol, List<PlannedCell> cells) {
  /** Takes a copy. */
  public Sweep {
    cells = ImmutableList.copyOf(cells);
  }

  /**
   * Plans the cells and notes what cannot be run.
   *
   * @param methods with the baseline among them
   * @param budgets of the sweep; may be empty if every method has its own
   */
  public static Sweep plan(
      List<Method> methods, List<Budget> budgets, Protocol protocol, Problems problems) {
    ImmutableList.Builder<PlannedCell> cells = ImmutableList.builder();
    methods.stream()
        .filter(Method::isBaseline)
        .forEach(m -> cells.add(new PlannedCell(m, Budget.FULL, OptionalDouble.of(0))));
    for (Method method : methods) {
      if (protocol == Protocol.STREAMING && !method.press().phases().contains(Phase.DECODE)) {
        problems.add(
            "--protocol streaming: press '%s' works in prefill only; leave it out or compare it with --protocol prefill"
                .formatted(method.typed()));
      }
      if (method.isBaseline()) {
        continue;
      }
      if (!method.followsBudget()) {
        cells.add(new PlannedCell(method, Budget.FULL, OptionalDouble.empty()));
        continue;
      }
      if (budgets.isEmpty()) {
        problems.add(
            "--compression-ratio: expected at least one ratio (or --budget), since press '%s' follows a budget; give for instance --compression-ratio 0.6"
                .formatted(method.typed()));
      }
      for (Budget budget : budgets) {
        cells.add(new PlannedCell(method, budget, budget.compressionRatio()));
      }
    }
    return new Sweep(protocol, cells.build());
  }

  /** Notes presses whose signals the model's graph cannot give. */
  public void requireSignals(DecoderModel model, Problems problems) {
    for (PlannedCell cell : cells) {
      try {
        model.requireSignals(cell.method().typed(), cell.method().press().needs());
      } catch (ModelException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
  }

  /** What has to be observed so that every press sees what it needs. */
  public Set<Signal> signals() {
    return Signal.union(cells.stream().map(cell -> cell.method().press().needs()).toList());
  }
}
