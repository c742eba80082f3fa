package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A shared prefill as one method compresses it, once for all tasks that ask about it. All methods
 * go on by the same graph, so that a method which changed nothing is seen bit for bit; only presses
 * that evict while decoding keep observing.
 */
final class CompressedOnce implements AutoCloseable {
  private static final int TIMED_STEPS = 8;

  private final SharedPrefill shared;
  private final CellPlan cell;
  private final boolean timed;
  private final Cutting cutting;
  private @Nullable Compressed compressed;

  private record Compressed(Context context, CacheFigures figures, long nanos) {}

  /**
   * Prepares; nothing is computed yet.
   *
   * @param timed whether the time of a decoding step is measured
   * @param notices takes what the press has to say
   */
  CompressedOnce(
      SharedPrefill shared, CellPlan cell, boolean timed, Consumer<List<String>> notices) {
    this.shared = shared;
    this.cell = cell;
    this.timed = timed;
    this.cutting = new Cutting(cell, notices);
  }

  private Compressed get() {
    if (compressed == null) {
      SharedPrefill.Prefilled prefilled = shared.get();
      Context context = prefilled.context().fork().avoidFused();
      boolean done = false;
      try {
        if (!cell.press().evictsWhileDecoding()) {
          context.stopObserving();
        }
        long start = System.nanoTime();
        long pressNanos = cutting.afterPrefill(context);
        long nanos = prefilled.nanos() + System.nanoTime() - start;
        CacheFigures figures =
            cutting.figures(
                context,
                shared.ids().length(),
                prefilled.nanos(),
                pressNanos,
                timed ? stepNanos(context) : Double.NaN);
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

  private double stepNanos(Context context) {
    OptionalInt positions = shared.model().info().maxPositions();
    int left = positions.orElse(Integer.MAX_VALUE) - context.nextPosition(0);
    try (Context clock = context.fork().stopObserving()) {
      return StepClock.median(clock, shared.ids(), Math.min(TIMED_STEPS, left));
    }
  }

  CacheFigures figures() {
    return get().figures();
  }

  /** A conversation in which nothing more is evicted. */
  Conversation conversation(Trace trace) {
    return conversation(get().context().fork().stopObserving(), trace, context -> {});
  }

  /** A conversation in which a press that evicts while decoding goes on. */
  Conversation decoding(Trace trace) {
    if (!cell.press().evictsWhileDecoding()) {
      return conversation(trace);
    }
    return conversation(get().context().fork(), trace, cutting::now);
  }

  private Conversation conversation(Context fork, Trace trace, Consumer<Context> eviction) {
    return new Conversation(
        fork, shared.get().last(), shared.chunkSize(), eviction, trace, get().nanos());
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
