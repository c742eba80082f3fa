package dev.kvpress.compare.run;

import dev.kvpress.compare.data.Sample;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.EditSummary;
import dev.kvpress.runtime.decode.Logits;
import java.util.Arrays;
import java.util.List;

/**
 * Perplexity with eviction on the way. The text passes from an empty cache in small steps; after
 * each step the press cuts the cache down to what its budget leaves of the tokens seen so far, or
 * to its own sizes. This is what accumulating H2O and decoding DMS are made for.
 */
public final class StreamingProtocol {
  private final DecoderModel model;
  private final int stepTokens;

  /**
   * A protocol over a model.
   *
   * @param stepTokens tokens per step, at least 1
   */
  public StreamingProtocol(DecoderModel model, int stepTokens) {
    this.model = model;
    this.stepTokens = stepTokens;
  }

  /** Takes all samples through all cells. */
  public List<CellOutcome> run(List<CellPlan> cells, List<Sample> samples, Progress progress) {
    CellCollector collector = new CellCollector(cells, progress);
    int done = 0;
    for (Sample sample : samples) {
      for (CellPlan cell : cells) {
        if (!collector.hasFailed(cell)) {
          try {
            collector.add(cell, one(cell, sample, collector));
          } catch (RuntimeException e) {
            collector.fail(cell, sample.index(), e);
          }
        }
        progress.step(
            ++done,
            cells.size() * samples.size(),
            "sample " + sample.index() + " " + cell.method());
      }
    }
    return collector.outcomes();
  }

  private SampleOutcome one(CellPlan cell, Sample sample, CellCollector collector) {
    int[] ids = sample.ids().toArray();
    int context = sample.contextLength();
    int predicted = ids.length - 1;
    double all = 0;
    double afterContext = 0;
    double achieved = 0;
    long logical = 0;
    long physical = 0;
    long contextNanos = 0;
    long pressNanos = 0;
    long hash = 0;
    long[] stepNanos = new long[predicted];
    int steps = 0;
    try (Context stream = model.start(1, cell.press().needs())) {
      for (int from = 0; from < predicted; ) {
        // A step ends where the context ends, so that the cache can be measured there.
        int end = from < context ? Math.min(context, predicted) : predicted;
        int to = Math.min(end, from + stepTokens);
        long start = System.nanoTime();
        Logits logits = stream.forward(Arrays.copyOfRange(ids, from, to));
        EditSummary edit = stream.compress(cell.press(), cell.budget());
        long nanos = System.nanoTime() - start;
        collector.notices(cell, edit.notices());
        pressNanos += edit.pressNanos();
        for (int i = from; i < to; i++) {
          double nll = logits.negativeLogLikelihood(i - from, ids[i + 1]);
          all += nll;
          afterContext += i + 1 >= context ? nll : 0;
        }
        hash = hash * 31 + logits.bitHash();
        if (to <= context) {
          contextNanos += nanos;
          achieved = stream.achievedRatio();
          logical = stream.logicalBytes();
          physical = stream.physicalBytes();
        } else if (to - from == stepTokens) {
          stepNanos[steps++] = nanos / stepTokens;
        }
        from = to;
      }
    }
    return new SampleOutcome(
        sample.index(),
        predicted,
        all,
        ids.length - context,
        afterContext,
        achieved,
        PrefillProtocol.requested(cell, Math.min(context, predicted)),
        logical,
        physical,
        contextNanos,
        pressNanos,
        StepClock.median(Arrays.copyOf(stepNanos, steps)),
        hash);
  }
}
