package dev.kvpress.compare.run;

import dev.kvpress.compare.data.Sample;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.EditSummary;
import dev.kvpress.runtime.decode.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Perplexity after one compression. The context of a sample is prefilled once with the union of the
 * signals of all presses; each cell forks the cache, compresses it and scores the continuation
 * teacher-forced in passes over the compressed cache. The prefill takes the fused graph where that
 * gives the signals; all cells continue on the same graph, so that a run which changed nothing is
 * seen bit for bit.
 */
public final class PrefillProtocol {
  private static final int TIMED_STEPS = 8;

  private final DecoderModel model;
  private final int chunkSize;
  private final int timedSamples;

  /**
   * A protocol over a model.
   *
   * @param chunkSize tokens per pass
   * @param timedSamples on how many samples the time of a decoding step is measured
   */
  public PrefillProtocol(DecoderModel model, int chunkSize, int timedSamples) {
    this.model = model;
    this.chunkSize = chunkSize;
    this.timedSamples = timedSamples;
  }

  /** Takes all samples through all cells. */
  public List<CellOutcome> run(List<CellPlan> cells, List<Sample> samples, Progress progress) {
    Set<Signal> signals = Signal.union(cells.stream().map(cell -> cell.press().needs()).toList());
    CellCollector collector = new CellCollector(cells, progress);
    int done = 0;
    warmUp(samples.get(0), signals);
    for (int s = 0; s < samples.size(); s++) {
      Sample sample = samples.get(s);
      int[] ids = sample.ids().toArray();
      try (Context prefilled = model.start(1, signals).allowFused(0)) {
        long start = System.nanoTime();
        Logits last = prefilled.prefill(Arrays.copyOf(ids, sample.contextLength()), chunkSize);
        long prefillNanos = System.nanoTime() - start;
        for (CellPlan cell : cells) {
          if (!collector.hasFailed(cell)) {
            try {
              collector.add(
                  cell,
                  one(
                      cell,
                      sample,
                      ids,
                      prefilled,
                      last,
                      prefillNanos,
                      s < timedSamples,
                      collector));
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
    }
    return collector.outcomes();
  }

  /** Loads the graphs before anything is timed: else the first sample and cell would pay for it. */
  private void warmUp(Sample sample, Set<Signal> signals) {
    int[] ids = sample.ids().toArray();
    // One token more than the last pass holds, so that there is a pass before it too.
    int enough = Math.max(chunkSize, Signal.rowWindow(signals)) + 1;
    int context = Math.min(sample.contextLength(), enough);
    try (Context prefilled = model.start(1, signals)) {
      prefilled.prefill(Arrays.copyOf(ids, context), chunkSize);
      try (Context clock = prefilled.stopObserving().fork()) {
        StepClock.median(clock, ids, context, TIMED_STEPS);
      }
      int end = Math.min(ids.length, context + chunkSize);
      prefilled.forward(Arrays.copyOfRange(ids, context, end));
    }
  }

  private SampleOutcome one(
      CellPlan cell,
      Sample sample,
      int[] ids,
      Context prefilled,
      Logits last,
      long prefillNanos,
      boolean timed,
      CellCollector collector) {
    int context = sample.contextLength();
    try (Context fork = prefilled.fork().stopObserving().avoidFused()) {
      EditSummary edit = fork.compress(cell.press(), cell.budget());
      collector.notices(cell, edit.notices());
      double achieved = fork.achievedRatio();
      long logical = fork.logicalBytes();
      long physical = fork.physicalBytes();
      double tokenNanos = Double.NaN;
      if (timed && ids.length - 1 > context) {
        try (Context clock = fork.fork()) {
          tokenNanos = StepClock.median(clock, ids, context, TIMED_STEPS);
        }
      }
      double compressed = 0;
      long hash = 0;
      // In passes of a chunk, so that memory stays bounded for long continuations.
      for (int from = context; from < ids.length - 1; from += chunkSize) {
        int to = Math.min(ids.length - 1, from + chunkSize);
        Logits logits = fork.forward(Arrays.copyOfRange(ids, from, to));
        for (int i = from; i < to; i++) {
          compressed += logits.negativeLogLikelihood(i - from, ids[i + 1]);
        }
        hash = hash * 31 + logits.bitHash();
      }
      int tokens = ids.length - context;
      return new SampleOutcome(
          sample.index(),
          tokens,
          last.negativeLogLikelihood(0, ids[context]) + compressed,
          tokens - 1,
          compressed,
          achieved,
          requested(cell, context),
          logical,
          physical,
          prefillNanos,
          edit.pressNanos(),
          tokenNanos,
          hash);
    }
  }

  /** The fraction that a budget removes of a number of tokens; NaN for presses with their own. */
  static double requested(CellPlan cell, int tokens) {
    return cell.hasOwnBudget() ? Double.NaN : 1.0 - (double) cell.budget().keptOf(tokens) / tokens;
  }
}
