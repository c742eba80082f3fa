package dev.kvpress.compare.run;

import dev.kvpress.compare.data.Sample;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.EditSummary;
import dev.kvpress.runtime.decode.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The context is prefilled once with everything any press wants to see; each cell forks the cache,
 * compresses it and scores the continuation, token ids given ("teacher forced").
 *
 * <p>The first continuation token is predicted by the prefill itself and the same for every cell;
 * all others by the compressed cache. All cells continue on the same graph, so that a cell which
 * changed nothing equals the baseline bit for bit.
 */
final class PrefillProtocol implements SampleProtocol {
  private static final int TIMED_STEPS = 8;

  private final DecoderModel model;
  private final Set<Signal> signals;
  private final int chunkSize;

  PrefillProtocol(DecoderModel model, Set<Signal> signals, int chunkSize) {
    this.model = model;
    this.signals = signals;
    this.chunkSize = chunkSize;
  }

  @Override
  public void warmUp(Sample sample) {
    int[] ids = sample.ids().toArray();
    // One token more than a pass holds, so that both a first and a last pass are made.
    int enough = Math.max(chunkSize, Signal.rowWindow(signals)) + 1;
    int context = Math.min(sample.contextLength(), enough);
    try (Context warm = model.start(1, signals)) {
      warm.prefill(Arrays.copyOf(ids, context), chunkSize);
      stepNanos(warm, ids, context);
      warm.stopObserving().forward(ids[context]);
    }
  }

  @Override
  public void run(Sample sample, List<CellTally> tallies, boolean timed, Runnable progress) {
    int[] ids = sample.ids().toArray();
    int context = sample.contextLength();
    try (Context prefilled = model.start(1, signals)) {
      long start = System.nanoTime();
      Logits last = prefilled.prefill(Arrays.copyOf(ids, context), chunkSize);
      long prefillNanos = System.nanoTime() - start;
      double first = last.negativeLogLikelihood(0, ids[context]);
      for (CellTally tally : tallies) {
        if (!tally.hasFailed()) {
          try (Context fork = prefilled.fork()) {
            tally.add(outcome(fork, tally, sample, first, prefillNanos, timed));
          } catch (RuntimeException e) {
            tally.fail(sample.index(), e);
          }
        }
        progress.run();
      }
    }
  }

  private Outcome outcome(
      Context fork,
      CellTally tally,
      Sample sample,
      double firstNll,
      long prefillNanos,
      boolean timed) {
    PlannedCell cell = tally.cell();
    EditSummary edit = fork.compress(cell.method().press(), cell.budget());
    tally.notice(edit.notices());
    long kept = fork.keptTokens();
    long seen = fork.seenTokens();
    long logical = fork.logicalBytes();
    long physical = fork.physicalBytes();
    int[] ids = sample.ids().toArray();
    OptionalDouble step =
        timed ? OptionalDouble.of(stepNanos(fork, ids, sample.contextLength())) : OptionalDouble.empty();
    Continuation rest = new Continuation(ids);
    fork.stopObserving();
    int end = ids.length - 1;
    for (int from = sample.contextLength(); from < end; from += chunkSize) {
      int to = Math.min(end, from + chunkSize);
      rest.add(fork.forward(Arrays.copyOfRange(ids, from, to)), from);
    }
    return new Outcome(
        sample.index(),
        sample.contextLength(),
        firstNll + rest.nll(),
        rest.tokens() + 1,
        rest.nll(),
        rest.tokens(),
        kept,
        seen,
        logical,
        physical,
        prefillNanos,
        edit.pressNanos(),
        step,
        rest.hash());
  }

  /** Median time of a step of one token, on the graph that generation would use. */
  private static double stepNanos(Context context, int[] ids, int from) {
    int steps = Math.min(TIMED_STEPS, ids.length - from);
    double[] nanos = new double[steps];
    try (Context probe = context.fork()) {
      probe.stopObserving().allowFused(0);
      for (int i = 0; i < steps; i++) {
        long start = System.nanoTime();
        probe.forward(ids[from + i]);
        nanos[i] = System.nanoTime() - start;
      }
    }
    return Median.of(nanos);
  }
}
