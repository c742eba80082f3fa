package dev.kvpress.presses.wrapper;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Keeps or removes whole chunks of neighbouring tokens, the same for all heads: a chunk scores the
 * mean over its tokens of the sum over the heads. The short chunk at the end counts as one.
 *
 * <p>Each batch row chooses its own chunks, where kvpress {@code chunkkv_press.py} uses those of
 * the first row for all. Protected tokens count as the largest finite score plus one. A context
 * shorter than a chunk goes to the scorer alone.
 */
public final class ChunkKvPress extends PiecewisePress {
  private static final Parameter LENGTH =
      Parameter.integer("chunk_length", 20, 1, "tokens of a chunk");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("chunkkv")
          .wraps("press")
          .with(LENGTH)
          .summary("Wraps a scorer: keeps whole chunks, the same for all heads of a layer.")
          .source("ChunkKV, arXiv 2502.00299; kvpress chunkkv_press.py")
          .madeBy(arguments -> of(arguments, LENGTH, ChunkKvPress::new));

  /**
   * Wraps a scorer.
   *
   * @param chunk tokens of a chunk, at least 1
   */
  public ChunkKvPress(ScorerPress scorer, int chunk) {
    super(scorer, LENGTH, chunk);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (!scorer.removesSomething(layer, budget)) {
      return CacheEdit.none();
    }
    if (layer.maxLength() < piece) {
      return scorer.compress(layer, budget);
    }
    Scores scores = scorer.score(layer, budget);
    scores.requireNumbers(layer);
    Scores finite = scores.withFiniteProtection();
    int[][] kept = new int[layer.batch()][];
    Arrays.setAll(kept, b -> row(layer, finite, budget, b));
    return CacheEdit.keep(layer, (b, g) -> kept[b]);
  }

  private int[] row(LayerSignals layer, Scores scores, Budget budget, int row) {
    int length = layer.length(row, 0);
    for (int g = 1; g < layer.kvHeads(); g++) {
      checkArgument(
          layer.length(row, g) == length,
          "chunkkv needs KV heads of one length, found %s and %s tokens in layer %s; do not put it after a press that cuts heads differently",
          length,
          layer.length(row, g),
          layer.layer());
    }
    int chunks = (int) (((long) length + piece - 1) / piece);
    double[] means = new double[chunks];
    for (int j = 0; j < length; j++) {
      int size = Math.min(piece, length - j / piece * piece);
      for (int g = 0; g < layer.kvHeads(); g++) {
        means[j / piece] += (double) scores.get(row, g, j) / size;
      }
    }
    int count = share(layer, budget, row, chunks, length);
    boolean[] chosen = new boolean[chunks];
    IntStream.range(0, chunks)
        .boxed()
        .sorted((x, y) -> means[x] == means[y] ? y - x : Double.compare(means[y], means[x]))
        .limit(count)
        .forEach(c -> chosen[c] = true);
    return IntStream.range(0, length).filter(j -> chosen[j / piece]).toArray();
  }

  private int share(LayerSignals layer, Budget budget, int row, int chunks, int length) {
    if (followsRatio(budget)) {
      return budget.keptOf(chunks);
    }
    long kept = scorer.keptTokens(layer, budget, row, 0);
    return length == 0 ? 0 : (int) Math.max(1, chunks * kept / length);
  }

  // The short chunk at the end stays in one layer and goes in another.
  @Override
  public CacheShape leaves() {
    return CacheShape.BY_LAYER;
  }

  @Override
  public CacheShape accepts() {
    return CacheShape.BY_LAYER;
  }

  @Override
  public BudgetKind budgetKind() {
    return byPieces();
  }
}
