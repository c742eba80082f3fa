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
import java.util.stream.IntStream;

/**
 * Cuts the context into chunks and keeps the same share of each, at least one token.
 *
 * <p>A scorer of keys and values sees one chunk at a time, as in kvpress {@code chunk_press.py}; a
 * scorer of attention, which kvpress refuses, has scored the whole context and only the selection
 * is by chunk.
 */
public final class ChunkPress extends PiecewisePress {
  private static final Parameter LENGTH =
      Parameter.integer("chunk_length", 1024, 1, "tokens of a chunk");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("chunk")
          .wraps("press")
          .with(LENGTH)
          .summary("Wraps a scorer: keeps the same share of each chunk of the context.")
          .source("FINCH, arXiv 2408.00167; kvpress chunk_press.py")
          .madeBy(arguments -> of(arguments, LENGTH, ChunkPress::new));

  /**
   * Wraps a scorer.
   *
   * @param chunk tokens of a chunk, at least 1
   */
  public ChunkPress(ScorerPress scorer, int chunk) {
    super(scorer, LENGTH, chunk);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (!scorer.removesSomething(layer, budget)) {
      return CacheEdit.none();
    }
    int heads = layer.batch() * layer.kvHeads();
    IntStream.Builder[] kept = new IntStream.Builder[heads];
    for (int head = 0; head < heads; head++) {
      kept[head] = IntStream.builder();
    }
    // A score of the token alone is the same in a chunk and in the whole.
    boolean alone = scorer.scoreTiming() == ScorerPress.ScoreTiming.ARRIVAL;
    Scores whole = readsCacheOnly() && !alone ? null : scorer.score(layer, budget);
    int longest = layer.maxLength();
    for (int from = 0; from < longest; from += piece) {
      int to = (int) Math.min(longest, (long) from + piece);
      LayerSignals part = whole == null ? layer.select(slots(layer, from, to)) : layer;
      Scores scores = whole == null ? scorer.score(part, budget) : whole;
      if (whole == null || from == 0) {
        scores.requireNumbers(part);
      }
      for (int head = 0; head < heads; head++) {
        int row = head / layer.kvHeads();
        int kvHead = head % layer.kvHeads();
        int start = Math.min(from, layer.length(row, kvHead));
        int end = Math.min(to, layer.length(row, kvHead));
        int count = share(layer, budget, row, kvHead, start, end);
        int offset = whole == null ? 0 : start;
        for (int slot : scores.top(row, kvHead, offset, offset + end - start, count)) {
          kept[head].add(slot + start - offset);
        }
      }
    }
    return CacheEdit.keep(layer, (b, g) -> kept[b * layer.kvHeads() + g].build().toArray());
  }

  /** The slots {@code from..to} of each head. */
  private static KeptSlots slots(LayerSignals layer, int from, int to) {
    return KeptSlots.chosen(
        layer,
        (b, g) -> {
          int length = layer.length(b, g);
          return IntStream.range(Math.min(from, length), Math.min(to, length)).toArray();
        });
  }

  private int share(LayerSignals layer, Budget budget, int row, int kvHead, int from, int to) {
    if (followsRatio(budget)) {
      return budget.keptOf(to - from);
    }
    // A number of tokens is dealt out so that the chunks add up to it.
    long total = scorer.keptTokens(layer, budget, row, kvHead);
    int length = layer.length(row, kvHead);
    return length == 0 ? 0 : (int) (total * to / length - total * from / length);
  }

  @Override
  public BudgetKind budgetKind() {
    return byPieces();
  }
}
