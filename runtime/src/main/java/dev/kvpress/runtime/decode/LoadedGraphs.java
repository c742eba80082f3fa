package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.PackedCaches;
import dev.kvpress.runtime.graph.PackedForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a model with their sessions, one for each set of signals, each opened by whoever
 * needs it first. Others that need the same one wait for it; those that need another one do not.
 */
final class LoadedGraphs implements AutoCloseable {
  private final String model;
  private final DecoderGraph decomposed;
  private final FusedForm fused;
  private final SessionFactory sessions;
  private final UnaryOperator<TappedGraph> form;
  private final Map<Key, CompletableFuture<DecoderModel.LoadedGraph>> graphs = new HashMap<>();
  private final Map<PackedForm, Optional<String>> packedRefusals = new ConcurrentHashMap<>();
  private boolean closed;

  private record Key(AttentionForm form, @Nullable PackedForm packed, TapRequest tap) {}

  /** A graph that somebody may ask for, before it is tapped. */
  private interface Source {
    TappedGraph tapped();
  }

  /**
   * None yet.
   *
   * @param model its name, for errors
   */
  LoadedGraphs(String model, DecoderGraph decomposed, FusedForm fused, SessionFactory sessions) {
    this(model, decomposed, fused, sessions, UnaryOperator.identity());
  }

  /**
   * The same in another form.
   *
   * @param form makes it of a graph that is tapped already
   */
  LoadedGraphs(
      String model,
      DecoderGraph decomposed,
      FusedForm fused,
      SessionFactory sessions,
      UnaryOperator<TappedGraph> form) {
    this.model = model;
    this.decomposed = decomposed;
    this.fused = fused;
    this.sessions = sessions;
    this.form = form;
  }

  /** Takes a session of the decomposed graph as it is that is open already. */
  synchronized void keep(StepSession plain) {
    TappedGraph tapped = GraphTap.tap(decomposed, TapRequest.NONE);
    graphs.put(
        new Key(decomposed.ports().form(), null, TapRequest.NONE),
        CompletableFuture.completedFuture(new DecoderModel.LoadedGraph(tapped, plain)));
  }

  /**
   * Gives a graph, opening it if nobody has. What fails to open can be tried again.
   *
   * @param request what it is to give, as far as it can
   * @throws dev.kvpress.runtime.ModelException if it cannot be opened
   * @throws IllegalStateException if the model is closed, or is meanwhile
   */
  DecoderModel.LoadedGraph get(AttentionForm form, TapRequest request) {
    boolean byHead = form == AttentionForm.FUSED_BY_HEAD;
    DecoderGraph graph = form == AttentionForm.FUSED ? fused.orElse(decomposed) : decomposed;
    TapRequest tap = byHead ? TapRequest.NONE : GraphTap.possible(graph, request);
    Key key = new Key(byHead ? form : graph.ports().form(), null, tap);
    return opened(key, () -> byHead ? fused.byHead() : this.form.apply(GraphTap.tap(graph, tap)));
  }

  /**
   * Gives a graph over packed caches, opening it if nobody has.
   *
   * @param request what it is to give, as far as it can
   * @throws dev.kvpress.runtime.ModelException if it cannot be opened
   * @throws IllegalArgumentException if {@link PackedCaches#refusal} says why there is none
   * @throws IllegalStateException if the model is closed, or is meanwhile
   */
  DecoderModel.LoadedGraph get(PackedForm form, TapRequest request) {
    TapRequest tap = GraphTap.possible(decomposed, request);
    Key key = new Key(AttentionForm.PACKED, form, tap);
    return opened(key, () -> GraphTap.tap(PackedCaches.of(decomposed, form), tap));
  }

  /** Why there is no graph over caches packed in a way where the sessions run. */
  Optional<String> refusal(PackedForm form) {
    return PackedCaches.refusal(decomposed, form)
        .or(() -> packedRefusals.computeIfAbsent(form, this::fallback));
  }

  /** Each layer's cache would be carried to the processor and back. */
  private Optional<String> fallback(PackedForm form) {
    Set<Fallback> plain = new HashSet<>(fallbacks(decomposed));
    return fallbacks(PackedCaches.of(decomposed, form)).stream()
        .filter(fallback -> !plain.contains(fallback))
        .findFirst()
        .map(
            fallback ->
                "%s does not run all of it, %s; packed caches run on the processor"
                    .formatted(sessions.provider(), fallback));
  }

  private List<Fallback> fallbacks(DecoderGraph graph) {
    return sessions.fallbacks(GraphTap.tap(graph, TapRequest.NONE));
  }

  private DecoderModel.LoadedGraph opened(Key key, Source source) {
    CompletableFuture<DecoderModel.LoadedGraph> own = new CompletableFuture<>();
    CompletableFuture<DecoderModel.LoadedGraph> known = announced(key, own);
    if (known != null) {
      return awaited(known);
    }
    try {
      TappedGraph tapped = source.tapped();
      return published(own, new DecoderModel.LoadedGraph(tapped, sessions.open(tapped)));
    } catch (RuntimeException | Error e) {
      forget(key, own);
      own.completeExceptionally(e);
      throw e;
    }
  }

  /** What is there or on its way; if nothing is, the caller's own is on its way from here on. */
  private synchronized @Nullable CompletableFuture<DecoderModel.LoadedGraph> announced(
      Key key, CompletableFuture<DecoderModel.LoadedGraph> own) {
    if (closed) {
      throw closedModel();
    }
    return graphs.putIfAbsent(key, own);
  }

  /** A session that is open only when the model is closed already has to be closed here. */
  private DecoderModel.LoadedGraph published(
      CompletableFuture<DecoderModel.LoadedGraph> own, DecoderModel.LoadedGraph opened) {
    synchronized (this) {
      if (!closed) {
        own.complete(opened);
        return opened;
      }
    }
    opened.session().close();
    throw closedModel();
  }

  private synchronized void forget(Key key, CompletableFuture<DecoderModel.LoadedGraph> failed) {
    graphs.remove(key, failed);
  }

  private IllegalStateException closedModel() {
    return new IllegalStateException("model %s is closed".formatted(model));
  }

  private DecoderModel.LoadedGraph awaited(CompletableFuture<DecoderModel.LoadedGraph> graph) {
    try {
      return graph.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EngineTurns.interrupted(model, "its graph to be loaded", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  /**
   * Each thread gets a failure with its own stack; the kind of the failure says who is at fault.
   */
  private static RuntimeException failure(@Nullable Throwable cause) {
    String message = cause == null ? "" : String.valueOf(cause.getMessage());
    if (cause instanceof ModelException) {
      return new ModelException(message, cause);
    }
    return new IllegalStateException(message, cause);
  }

  /**
   * Closes all sessions, each once the runs that have begun in it are over; closing twice does
   * nothing more. One that is being opened is closed by whoever opens it.
   */
  @Override
  public void close() {
    List<CompletableFuture<DecoderModel.LoadedGraph>> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(graphs.values());
      graphs.clear();
    }
    for (CompletableFuture<DecoderModel.LoadedGraph> graph : all) {
      if (graph.isDone() && !graph.isCompletedExceptionally()) {
        graph.join().session().close();
      }
    }
  }
}
