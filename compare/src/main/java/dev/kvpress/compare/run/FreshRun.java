package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import java.util.function.Consumer;

/**
 * A method on its own, as a service would run it: a prefill with the signals that it alone needs,
 * its compression, then the fastest graph.
 */
final class FreshRun {
  private final Conversation conversation;
  private final CacheFigures figures;

  FreshRun(
      DecoderModel model,
      CellPlan cell,
      ImmutableIntArray ids,
      int chunkSize,
      Trace trace,
      Consumer<Remark> remarks) {
    Context context = model.start(1, cell.press().needs()).allowFused(0);
    boolean done = false;
    try {
      long start = System.nanoTime();
      Logits last = context.prefill(ids.toArray(), chunkSize);
      long prefillNanos = System.nanoTime() - start;
      Cutting cutting = new Cutting(cell, remarks);
      PressCost press = cutting.afterPrefill(context);
      long nanos = System.nanoTime() - start;
      Consumer<Context> eviction = c -> {};
      if (cell.press().evictsWhileDecoding()) {
        eviction = cutting::now;
      } else {
        context.stopObserving().allowFused(0);
      }
      figures = cutting.figures(context, ids.length(), prefillNanos, press, StepTimes.NONE);
      conversation = new Conversation(context, last, chunkSize, eviction, trace, nanos);
      done = true;
    } finally {
      if (!done) {
        context.close();
      }
    }
  }

  Conversation conversation() {
    return conversation;
  }

  CacheFigures figures() {
    return figures;
  }
}
