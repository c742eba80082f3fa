package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Lets the heads of a layer share one budget: the highest scores stay, whichever head they are in,
 * but each head keeps at least a share {@code alpha_safeguard} of its own budget.
 *
 * <p>Heads end up with different lengths and the cache really shrinks, where kvpress {@code
 * adakv_press.py} masks; any scorer may be inside, where kvpress refuses those of attention. Of
 * equal scores the later position stays, then the lower head.
 */
public final class AdaKvPress extends HeadBudgetPress {
  static final Parameter ALPHA =
      Parameter.number("alpha_safeguard", 0.2, 0, 1, "share of its budget a head keeps at least");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("adakv")
          .wraps("press")
          .with(ALPHA)
          .summary("Wraps a scorer: the heads of a layer share one budget.")
          .source("AdaKV, arXiv 2407.11550; kvpress adakv_press.py")
          .madeBy(arguments -> new AdaKvPress(arguments.scorer(), arguments.number(ALPHA)));

  private final double alpha;

  /**
   * Wraps a scorer.
   *
   * @param alpha share of its budget that a head keeps at least, in [0, 1]
   */
  public AdaKvPress(ScorerPress scorer, double alpha) {
    super(scorer);
    this.alpha = ALPHA.checked(alpha);
  }

  @Override
  CacheEdit deal(Scores scores, LayerSignals layer, Budget budget) {
    int[][][] rows = select(scorer, alpha, scores, layer, budget);
    return scorer.remarked(CacheEdit.keep(layer, (b, g) -> rows[b][g]), layer, budget);
  }

  /** The kept slots, {@code [B][G][kept]}. */
  static int[][][] select(
      ScorerPress scorer, double alpha, Scores scores, LayerSignals layer, Budget budget) {
    int[][][] kept = new int[layer.batch()][][];
    for (int b = 0; b < kept.length; b++) {
      int[] safe = new int[layer.kvHeads()];
      long granted = 0;
      int cached = 0;
      for (int g = 0; g < safe.length; g++) {
        safe[g] = safe(scorer, alpha, layer, budget, b, g);
        granted += scorer.grantedTokens(layer, budget, b, g);
        cached += layer.length(b, g);
      }
      kept[b] = scores.topAcrossHeads(layer, b, (int) Math.min(granted, cached), safe);
    }
    return kept;
  }

  /** Tokens that one head keeps in any case. */
  static int safe(
      ScorerPress scorer, double alpha, LayerSignals layer, Budget budget, int row, int kvHead) {
    int own = (int) (scorer.grantedTokens(layer, budget, row, kvHead) * alpha);
    return Math.min(layer.length(row, kvHead), own);
  }
}
