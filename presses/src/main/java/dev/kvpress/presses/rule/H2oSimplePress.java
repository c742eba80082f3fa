package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * H2O with one score per token: the attention it has received, summed over all layers and heads.
 * Every layer and head keeps the same tokens, the heavy hitters and the most recent ones, so that
 * the cache stays even; graphs with one past length for all layers can carry it out.
 *
 * <p>Sizes are those of the notebook it follows, 32 heavy hitters and the last 128 tokens. Sums run
 * on over all queries and are cut together with the cache, as in the paper's algorithm 1.
 */
public final class H2oSimplePress implements ModelPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("h2o_simple")
          .with(Parameter.integer("hh_size", 32, 0, "heavy hitters kept"))
          .with(Parameter.integer("recent_size", 128, 0, "most recent tokens kept"))
          .with(Parameter.flag("decoding", true, "evict after each decoding step"))
          .summary("H2O with one score per token, summed over all layers and heads.")
          .source("after H2O, arXiv 2306.14048")
          .madeBy(
              arguments ->
                  new H2oSimplePress(
                      new Budget.HeavyRecent(
                          arguments.integer("hh_size"), arguments.integer("recent_size")),
                      arguments.flag("decoding")));

  private final Budget.HeavyRecent sizes;
  private final boolean decoding;

  /**
   * Takes the sizes.
   *
   * @param decoding whether to evict after each decoding step
   */
  public H2oSimplePress(Budget.HeavyRecent sizes, boolean decoding) {
    this.sizes = sizes;
    this.decoding = decoding;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    if (model.layers().isEmpty()) {
      return List.of();
    }
    LayerSignals first = model.layers().get(0);
    int[][] kept = new int[first.batch()][];
    Arrays.setAll(kept, b -> row(model, b, first.length(b, 0)));
    CacheEdit edit = CacheEdit.keep(first, (b, g) -> kept[b]);
    return new ArrayList<>(Collections.nCopies(model.layers().size(), edit));
  }

  private int[] row(ModelSignals model, int row, int length) {
    double[] sums = new double[length];
    for (LayerSignals layer : model.layers()) {
      if (layer.length(row, 0) != length || !layer.holdsSameTokens(row)) {
        throw new IllegalArgumentException(
            "h2o_simple needs the same tokens in all layers and heads, those of layer %d differ; do not put it after a press that cuts them differently"
                .formatted(layer.layer()));
      }
      for (int h = 0; h < layer.queryHeads(); h++) {
        layer.attention().addSums(row, h, sums, length);
      }
    }
    LayerSignals first = model.layers().get(0);
    Scores scores = Scores.of(first);
    scores.setHead(row, 0, sums);
    scores.requireNumbers(first);
    scores.protect(row, 0, length - sizes.recent(), length);
    return scores.top(row, 0, sizes.keptOf(length));
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionSums());
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return decoding;
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.SAME_TOKENS;
  }

  @Override
  public CacheShape accepts() {
    return CacheShape.SAME_TOKENS;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
