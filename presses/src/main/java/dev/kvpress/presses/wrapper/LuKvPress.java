package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;

/**
 * Gives each KV head of each layer the budget that a curve measured for the model says: row {@code
 * round(100 r) - 1} of the trained tensor {@link #CURVE} {@code [99, G]} of a layer is the fraction
 * removed from each head. Counts are rounded so that their sum is the layer's, largest remainders
 * first, and every head keeps a token; first and last tokens stay.
 *
 * <p>Without a curve all heads get the same budget, and the press says so. Heads really shrink,
 * where kvpress {@code lukv_press.py} masks. Of equal remainders the lower head rounds up.
 */
public final class LuKvPress extends HeadBudgetPress {
  /** The trained tensor with the fraction removed per head, by percent of the whole removed. */
  public static final String CURVE = "lukv.curve";

  private static final Parameter SINK = Parameter.integer("sink", 4, 0, "first tokens that stay");
  private static final Parameter WINDOW =
      Parameter.integer("window", 1, 0, "last tokens that stay");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("lukv")
          .wraps("press")
          .with(SINK)
          .with(WINDOW)
          .summary("Wraps a scorer: budgets for each layer and head from a measured curve.")
          .source("LU-KV, arXiv 2602.08585; kvpress lukv_press.py")
          .madeBy(
              arguments ->
                  new LuKvPress(
                      Refusals.ofLukv(arguments),
                      arguments.integer(SINK),
                      arguments.integer(WINDOW)));

  private final int sink;
  private final int window;

  /**
   * Wraps a scorer.
   *
   * @param sink first tokens that stay, not negative
   * @param window last tokens that stay, not negative
   */
  public LuKvPress(ScorerPress scorer, int sink, int window) {
    super(scorer);
    this.sink = SINK.checked(sink);
    this.window = WINDOW.checked(window);
  }

  @Override
  CacheEdit deal(Scores scores, LayerSignals layer, Budget budget) {
    BudgetCurve curve = BudgetCurve.of(layer, CURVE);
    int[][] counts = new int[layer.batch()][];
    Arrays.setAll(counts, b -> curve.shares(layer, b, removed(layer, budget, b)));
    KeptSlots kept =
        KeptSlots.chosen(
            layer,
            (b, g) -> {
              int length = layer.length(b, g);
              scores.protect(b, g, 0, layer.slotsBefore(b, g, sink));
              scores.protect(b, g, length - window, length);
              return scores.top(b, g, Math.min(length, counts[b][g]));
            });
    CacheEdit edit = CacheEdit.keep(kept);
    return curve.isMeasured()
        ? edit
        : edit.withNotice(
            "lukv has no budget curve of this model (%s): every layer and head gets the same budget"
                .formatted(CURVE));
  }

  /** The fraction that the budget removes from each head, {@code [G]}. */
  private double[] removed(LayerSignals layer, Budget budget, int row) {
    double[] removed = new double[layer.kvHeads()];
    for (int g = 0; g < removed.length; g++) {
      int tokens = Math.max(1, ScorerPress.countedTokens(layer, row, g));
      removed[g] =
          followsRatio(budget)
              ? budget.compressionRatio().getAsDouble()
              : 1 - scorer.grantedTokens(layer, budget, row, g) / (double) tokens;
    }
    return removed;
  }

  @Override
  public BudgetKind budgetKind() {
    return scorer.budgetKind() == BudgetKind.OWN ? BudgetKind.OWN : BudgetKind.GRANULAR;
  }
}
