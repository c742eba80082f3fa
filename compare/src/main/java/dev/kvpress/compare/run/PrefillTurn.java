package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Conversation;
import dev.kvpress.compare.task.Crowd;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Trace;
import dev.kvpress.runtime.Remark;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A turn on a context that was prefilled for all and compressed once. */
final class PrefillTurn implements RecordedTurn {
  private final SharedPrefill shared;
  private final CompressedOnce compressed;
  private final CellPlan cell;
  private final Set<Remark> remarks = new LinkedHashSet<>();
  private final Trace trace = new Trace();
  private @Nullable CacheFigures own;

  PrefillTurn(SharedPrefill shared, CompressedOnce compressed, CellPlan cell) {
    this.shared = shared;
    this.compressed = compressed;
    this.cell = cell;
  }

  @Override
  public Protocol protocol() {
    return Protocol.PREFILL;
  }

  @Override
  public int passTokens() {
    return shared.chunkSize();
  }

  @Override
  public Conversation compressed(ContextReader reader) {
    return compressed.conversation(trace);
  }

  @Override
  public Conversation decoding() {
    return compressed.decoding(trace, remarks::add);
  }

  @Override
  public Conversation full() {
    SharedPrefill.Prefilled prefilled = shared.get();
    return new Conversation(
        prefilled.context().fork().stopObserving().avoidFused(),
        prefilled.last(),
        shared.chunkSize(),
        context -> {},
        new Trace(),
        prefilled.nanos());
  }

  @Override
  public Conversation fresh() {
    FreshRun run =
        new FreshRun(shared.model(), cell, shared.ids(), shared.chunkSize(), trace, remarks::add);
    own = run.figures();
    return run.conversation();
  }

  @Override
  public Crowd crowd(int rows, int steps) {
    return compressed.crowd(rows, steps);
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public CacheFigures figures() {
    return own == null ? compressed.figures() : own;
  }

  @Override
  public List<Remark> remarks() {
    Set<Remark> all = new LinkedHashSet<>(own == null ? compressed.remarks() : Set.of());
    all.addAll(remarks);
    return List.copyOf(all);
  }

  @Override
  public Optional<KeepMap> keepMap() {
    return compressed.keepMap();
  }
}
