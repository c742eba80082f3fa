package dev.kvpress.compare.run;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Crowd;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A turn with eviction on the way. The text passes from an empty cache in small steps; after each
 * step the press cuts the cache down to what its budget leaves of the tokens seen so far, or to its
 * own sizes. This is what accumulating H2O and decoding DMS are made for.
 */
final class StreamingTurn implements RecordedTurn {
  private final DecoderModel model;
  private final CellPlan cell;
  private final ImmutableIntArray ids;
  private final int stepTokens;
  private final boolean mapped;
  private final String group;
  private final Cutting cutting;
  private final Trace trace = new Trace();
  private final Set<Remark> remarks = new LinkedHashSet<>();
  private @Nullable Context stream;
  private PressCost press = PressCost.NONE;
  private @Nullable CacheFigures figures;
  private Optional<KeepMap> keepMap = Optional.empty();

  StreamingTurn(
      DecoderModel model,
      CellPlan cell,
      ImmutableIntArray ids,
      int stepTokens,
      boolean mapped,
      String group) {
    this.model = model;
    this.cell = cell;
    this.ids = ids;
    this.stepTokens = stepTokens;
    this.mapped = mapped;
    this.group = group;
    this.cutting = new Cutting(cell, remarks::add);
  }

  @Override
  public Protocol protocol() {
    return Protocol.STREAMING;
  }

  @Override
  public int passTokens() {
    return stepTokens;
  }

  @Override
  public Conversation compressed(ContextReader reader) {
    Context stream = model.start(1, cell.press().needs(), cell.positions());
    this.stream = stream;
    boolean done = false;
    try {
      cutting.keepInFormat(stream);
      Conversation conversation =
          read(stream, reader, trace, context -> press = press.plus(cutting.now(context)));
      figures =
          cutting.figures(stream, ids.length(), conversation.contextNanos(), press, StepTimes.NONE);
      if (mapped) {
        keepMap = CompressedOnce.keepMap(stream, model.info(), ids.length());
      }
      done = true;
      return conversation;
    } finally {
      if (!done) {
        stream.close();
      }
    }
  }

  private Conversation read(
      Context stream, ContextReader reader, Trace account, Consumer<Context> eviction) {
    int[] tokens = ids.toArray();
    long nanos = 0;
    Logits last = null;
    for (int from = 0; from < tokens.length; from += stepTokens) {
      // A step ends where the context ends, so that the cache can be measured there.
      int to = Math.min(tokens.length, from + stepTokens);
      long start = System.nanoTime();
      last = stream.forward(Arrays.copyOfRange(tokens, from, to));
      eviction.accept(stream);
      nanos += System.nanoTime() - start;
      reader.read(from, last, stream.physicalBytes());
    }
    checkState(last != null, "a context has at least one token");
    return new Conversation(stream, last, stepTokens, eviction, account, nanos);
  }

  @Override
  public Conversation decoding() {
    return compressed();
  }

  @Override
  public Conversation full() {
    Context stream = model.start(1, Set.of());
    boolean done = false;
    try {
      Conversation all = read(stream, (from, logits, cacheBytes) -> {}, new Trace(), context -> {});
      done = true;
      return all;
    } finally {
      if (!done) {
        stream.close();
      }
    }
  }

  @Override
  public Conversation fresh() {
    return compressed();
  }

  @Override
  public Crowd crowd(int rows, int steps) {
    throw new IllegalStateException("batches are measured behind a prefill only");
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public CacheFigures figures() {
    checkState(figures != null, "the probe has not asked for the context");
    return figures.withTimes(press, StepTimes.oneTurn(trace.nanosPerToken(stepTokens), group));
  }

  @Override
  public List<Remark> remarks() {
    Set<Remark> all = new LinkedHashSet<>(remarks);
    if (stream != null && cell.positions() == Positions.ROLLED) {
      stream.beyondTrained().ifPresent(all::add);
    }
    return List.copyOf(all);
  }

  @Override
  public Optional<KeepMap> keepMap() {
    return keepMap;
  }
}
