package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Lets the context pass in blocks: starts with as many tokens as may stay, adds a block, scores
 * them together, keeps the best, and so on. For scores of single tokens it is the plain selection.
 *
 * <p>The attention of the prefill still sees the whole context; only the selection passes in
 * blocks. Scores of attention do not change with the company of a token, so for these it is the
 * plain selection too (kvpress {@code block_press.py} refuses them).
 */
public final class BlockPress extends PiecewisePress {
  private static final Parameter SIZE =
      Parameter.integer("block_size", 128, 1, "tokens added at once");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("block")
          .wraps("press")
          .with(SIZE)
          .summary("Wraps a scorer: selects block by block with a cache of constant size.")
          .source("KeyDiff, arXiv 2504.15364; kvpress block_press.py")
          .madeBy(arguments -> of(arguments, SIZE, BlockPress::new));

  /**
   * Wraps a scorer.
   *
   * @param block tokens added at once, at least 1
   */
  public BlockPress(ScorerPress scorer, int block) {
    super(scorer, SIZE, block);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    boolean dependsOnCompany = scorer.scoreTiming() == ScorerPress.ScoreTiming.CONTEXT;
    if (!dependsOnCompany || !readsCacheOnly() || !scorer.removesSomething(layer, budget)) {
      return scorer.compress(layer, budget);
    }
    KeptSlots kept =
        KeptSlots.chosen(
            layer, (b, g) -> IntStream.range(0, scorer.keptTokens(layer, budget, b, g)).toArray());
    // One copy out of the cache's buffers, from which the many small ones are cheap.
    LayerSignals whole = layer.select(KeptSlots.all(layer));
    int left = 0;
    for (int head = 0; head < layer.batch() * layer.kvHeads(); head++) {
      int b = head / layer.kvHeads();
      int g = head % layer.kvHeads();
      left = Math.max(left, layer.length(b, g) - kept.count(b, g));
    }
    for (long passed = 0; passed < left; passed += piece) {
      kept = next(whole, budget, kept, passed);
    }
    return CacheEdit.keep(kept);
  }

  /** The best of what is kept and the next block. */
  private KeptSlots next(LayerSignals layer, Budget budget, KeptSlots kept, long passed) {
    KeptSlots company = withNextBlock(layer, kept, passed);
    LayerSignals part = layer.select(company);
    Scores scores = scorer.score(part, budget);
    scores.requireNumbers(part);
    return company.then(KeptSlots.chosen(layer, (b, g) -> scores.top(b, g, kept.count(b, g))));
  }

  /** What is kept and the next block, of a context whose first tokens were kept at the start. */
  private KeptSlots withNextBlock(LayerSignals layer, KeptSlots kept, long passed) {
    return KeptSlots.chosen(
        layer,
        (b, g) -> {
          long left = layer.length(b, g) - kept.count(b, g) - passed;
          int added = (int) Math.max(0, Math.min(left, piece));
          int[] slots = Arrays.copyOf(kept.of(b, g), kept.count(b, g) + added);
          for (int i = kept.count(b, g); i < slots.length; i++) {
            slots[i] = i + (int) passed;
          }
          return slots;
        });
  }
}
