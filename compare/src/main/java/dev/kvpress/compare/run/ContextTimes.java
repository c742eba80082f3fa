package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.decode.Context;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Times of the decoding steps of all cells behind one shared prefill, measured in turn when the
 * first is asked for. Each turn compresses anew and gives its cache back, so that there is never
 * more than one beside the prefill.
 */
final class ContextTimes {
  private final SharedPrefill shared;
  private final List<CellPlan> cells;
  private final int rounds;
  private final String group;
  private final Consumer<CellPlan> begun;
  private @Nullable Map<CellPlan, StepTimes> times;

  /**
   * Prepares; nothing is measured yet.
   *
   * @param rounds turns of each cell; 0: nothing is measured
   * @param group names the measurement
   * @param begun hears whose work is under way
   */
  ContextTimes(
      SharedPrefill shared,
      List<CellPlan> cells,
      int rounds,
      String group,
      Consumer<CellPlan> begun) {
    this.shared = shared;
    this.cells = List.copyOf(cells);
    this.rounds = rounds;
    this.group = group;
    this.begun = begun;
  }

  /** Those of a cell; none where nothing was measured. */
  StepTimes of(CellPlan cell) {
    Map<CellPlan, StepTimes> known = times;
    if (known == null) {
      known = new InTurn(System::nanoTime).measure(cells, rounds, this::ready, group);
      times = known;
      begun.accept(cell);
    }
    return known.getOrDefault(cell, StepTimes.NONE);
  }

  private InTurn.Stretch ready(CellPlan cell) {
    begun.accept(cell);
    Context context = shared.get().context().fork().avoidFused();
    boolean done = false;
    try {
      if (!cell.press().evictsWhileDecoding()) {
        context.stopObserving();
      }
      new Cutting(cell, remark -> {}).afterPrefill(context);
      InTurn.Stretch stretch = steps(context.stopObserving());
      done = true;
      return stretch;
    } finally {
      if (!done) {
        context.close();
      }
    }
  }

  private InTurn.Stretch steps(Context context) {
    int most = shared.model().info().maxPositions().orElse(Integer.MAX_VALUE);
    ImmutableIntArray ids = shared.ids();
    return new InTurn.Stretch() {
      private int passed;

      @Override
      public int left() {
        return most - context.nextPosition(0);
      }

      @Override
      public void step() {
        // Which tokens pass does not matter for the time.
        context.forward(ids.get(passed++ % ids.length()));
      }

      @Override
      public void close() {
        context.close();
      }
    };
  }
}
