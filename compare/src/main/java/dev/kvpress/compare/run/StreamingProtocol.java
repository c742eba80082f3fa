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
 * The text passes from an empty cache in steps; after each the press cuts down to the budget of the
 * tokens seen, or to sizes of its own.
 *
 * <p>Tokens from the end of the context on count as predicted by a compressed cache. Cache sizes
 * are taken after the step that completes the context. All cells run on the same graph, which emits
 * what any press wants to see, so that a cell which changed nothing equals the baseline bit for
 * bit.
 */
final class StreamingProtocol implements SampleProtocol {
  private final DecoderModel model;
  private final Set<Signal> signals;
  private final int stepTokens;

  StreamingProtocol(DecoderModel model, Set<Signal> signals, int stepTokens) {
    this.model = model;
    this.signals = signals;
    this.stepTokens = stepTokens;
  }

  @Override
  public void warmUp(Sample sample) {
    int[] ids = sample.ids().toArray();
    try (Context warm = model.start(1, signals)) {
      warm.forward(Arrays.copyOf(ids, Math.min(ids.length, stepTokens)));
    }
  }

  @Override
  public void run(Sample sample, List<CellTally> tallies, boolean timed, Runnable progress) {
    for (CellTally tally : tallies) {
      if (!tally.hasFailed()) {
        try (Context context = model.start(1, signals)) {
          tally.add(new Pass(context, tally, sample).run());
        } catch (RuntimeException e) {
          tally.fail(sample.index(), e);
        }
      }
      progress.run();
    }
  }

  /** One cell over one sample. */
  private final class Pass {
    private final Context context;
    private final CellTally tally;
    private final Sample sample;
    private final int[] ids;
    private final Continuation before;
    private final Continuation after;
    private long pressNanos;
    private long prefillNanos;

    Pass(Context context, CellTally tally, Sample sample) {
      this.context = context;
      this.tally = tally;
      this.sample = sample;
      this.ids = sample.ids().toArray();
      this.before = new Continuation(Arrays.copyOf(ids, sample.contextLength()));
      this.after = new Continuation(ids);
    }

    Outcome run() {
      int end = ids.length - 1;
      double[] steps = new double[(end + stepTokens - 1) / stepTokens];
      long[] measured = new long[0];
      for (int from = 0; from < end; from += stepTokens) {
        int to = Math.min(end, from + stepTokens);
        long start = System.nanoTime();
        Logits logits = context.forward(Arrays.copyOfRange(ids, from, to));
        long passed = System.nanoTime();
        EditSummary edit =
            context.compress(tally.cell().method().press(), tally.cell().budget());
        steps[from / stepTokens] = (double) (System.nanoTime() - start) / (to - from);
        tally.notice(edit.notices());
        pressNanos += edit.pressNanos();
        score(logits, from);
        if (from < sample.contextLength()) {
          prefillNanos += passed - start;
        }
        if (measured.length == 0 && to >= sample.contextLength()) {
          measured = measure();
        }
      }
      return outcome(measured, Median.of(steps));
    }

    /** Rows that predict tokens of the context go one way, later ones the other. */
    private void score(Logits logits, int from) {
      before.add(logits, from);
      after.addFrom(logits, from, sample.contextLength());
    }

    private long[] measure() {
      return new long[] {
        context.keptTokens(),
        context.seenTokens(),
        context.logicalBytes(),
        context.physicalBytes(),
        context.tokensSeen()
      };
    }

    private Outcome outcome(long[] measured, double stepNanos) {
      return new Outcome(
          sample.index(),
          (int) measured[4],
          before.nll() + after.nll(),
          before.tokens() + after.tokens(),
          after.nll(),
          after.tokens(),
          measured[0],
          measured[1],
          measured[2],
          measured[3],
          prefillNanos,
          pressNanos,
          OptionalDouble.of(stepNanos),
          before.hash());
    }
  }
}
