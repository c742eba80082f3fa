package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Crowd;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderInfo;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A shared prefill as one method compresses it, once for all tasks that ask about it. All methods
 * go on by the same graph, so that a method which changed nothing is seen bit for bit; only presses
 * that evict while decoding keep observing.
 */
final class CompressedOnce implements AutoCloseable {
  private final SharedPrefill shared;
  private final CellPlan cell;
  private final ContextTimes times;
  private final Set<Remark> remarks = new LinkedHashSet<>();
  private final Cutting cutting;
  private @Nullable Compressed compressed;

  private record Compressed(Context context, CacheFigures figures, long nanos) {}

  /**
   * Prepares; nothing is computed yet.
   *
   * @param times of decoding steps, measured in turn with the other cells
   */
  CompressedOnce(SharedPrefill shared, CellPlan cell, ContextTimes times) {
    this.shared = shared;
    this.cell = cell;
    this.times = times;
    this.cutting = new Cutting(cell, remarks::add);
  }

  private Compressed get() {
    if (compressed == null) {
      SharedPrefill.Prefilled prefilled = shared.get();
      // Before this cell's own cache is there: each turn makes one.
      StepTimes steps = times.of(cell);
      Context context = prefilled.context().fork().avoidFused();
      boolean done = false;
      try {
        if (!cell.press().evictsWhileDecoding()) {
          context.stopObserving();
        }
        long start = System.nanoTime();
        PressCost press = cutting.afterPrefill(context);
        long nanos = prefilled.nanos() + System.nanoTime() - start;
        CacheFigures figures =
            cutting.figures(context, shared.ids().length(), prefilled.nanos(), press, steps);
        compressed = new Compressed(context, figures, nanos);
        done = true;
      } finally {
        if (!done) {
          context.close();
        }
      }
    }
    return compressed;
  }

  CacheFigures figures() {
    return get().figures();
  }

  /** A conversation in which nothing more is evicted. */
  Conversation conversation(Trace trace) {
    return conversation(get().context().fork().stopObserving(), trace, context -> {});
  }

  /**
   * A conversation in which a press that evicts while decoding goes on.
   *
   * @param said takes what the press has to say on the way
   */
  Conversation decoding(Trace trace, Consumer<Remark> said) {
    if (!cell.press().evictsWhileDecoding()) {
      return conversation(trace);
    }
    return conversation(get().context().fork(), trace, new Cutting(cell, said)::now);
  }

  /** Rows of a batch that go on from here. */
  Crowd crowd(int rows, int steps) {
    return BatchedRows.of(
        shared.model(), cell, get().context(), shared.ids(), shared.get().last(), rows, steps);
  }

  private Conversation conversation(Context fork, Trace trace, Consumer<Context> eviction) {
    return new Conversation(
        fork, shared.get().last(), shared.chunkSize(), eviction, trace, get().nanos());
  }

  /** What the press had to say of the context. */
  Set<Remark> remarks() {
    return remarks;
  }

  /** Which tokens were kept; empty where no task asked for the cache. */
  Optional<KeepMap> keepMap() {
    return compressed == null
        ? Optional.empty()
        : keepMap(compressed.context(), shared.model().info(), shared.ids().length());
  }

  static Optional<KeepMap> keepMap(Context context, DecoderInfo info, int tokens) {
    return info.kvHeads() > KeepMap.MOST_HEADS
        ? Optional.empty()
        : Optional.of(KeepMap.of(context, info.layers(), info.kvHeads(), tokens));
  }

  @Override
  public void close() {
    if (compressed != null) {
      compressed.context().close();
    }
  }
}
