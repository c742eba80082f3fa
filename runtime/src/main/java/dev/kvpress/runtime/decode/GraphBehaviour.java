package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import dev.kvpress.runtime.probe.AttentionProbe;
import dev.kvpress.runtime.probe.EvictionProbe;
import dev.kvpress.runtime.probe.PassBehaviour;
import dev.kvpress.runtime.probe.PassProbe;
import dev.kvpress.runtime.probe.ProbeSession;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How the graph of a model behaves where nothing declares it. Our own graphs behave as they say;
 * others are run to see, how tokens pass when the model is opened and the rest when it is first
 * asked for, once for all threads: who asks meanwhile waits for what comes out.
 */
final class GraphBehaviour {
  private final DecoderGraph graph;
  private final SessionFactory sessions;
  private final PassBehaviour passes;
  private final boolean foreign;
  private int mostPositions = Integer.MAX_VALUE;
  private @Nullable StepSession plain;

  private final Object evictionLock = new Object();

  /** Read by every step, which must not wait for a probe that runs. */
  private volatile @Nullable EvictionProbe eviction;

  private AttentionProbe.@Nullable Finding attention;

  private GraphBehaviour(
      DecoderGraph graph, SessionFactory sessions, PassBehaviour passes, boolean foreign) {
    this.graph = graph;
    this.sessions = sessions;
    this.passes = passes;
    this.foreign = foreign;
  }

  /** Of a graph of our own exporter. */
  static GraphBehaviour own(DecoderGraph graph, SessionFactory sessions, int vocabulary) {
    boolean last = graph.ports().lastLogitsOnly();
    return new GraphBehaviour(
        graph, sessions, new PassBehaviour(vocabulary, last, true, true, List.of()), false);
  }

  /**
   * Of any other graph.
   *
   * @throws dev.kvpress.runtime.ModelException if it cannot be used as a decoder
   */
  static GraphBehaviour probed(DecoderGraph graph, SessionFactory sessions) {
    StepSession session = sessions.open(GraphTap.tap(graph, TapRequest.NONE));
    boolean done = false;
    try {
      PassBehaviour passes =
          new PassProbe(
                  new ProbeSession(graph.ports(), session),
                  graph.precision(),
                  graph.vocabulary(),
                  graph.fixedQueries())
              .run();
      DecoderGraph known = passes.lastLogitsOnly() ? graph.withLastLogitsOnly() : graph;
      GraphBehaviour behaviour = new GraphBehaviour(known, sessions, passes, true);
      behaviour.plain = session;
      done = true;
      return behaviour;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  /** The graph with what is now known of it. */
  DecoderGraph graph() {
    return graph;
  }

  PassBehaviour passes() {
    return passes;
  }

  /** The session of the graph as it is, if a probe has opened one; it changes hands. */
  Optional<StepSession> handOverSession() {
    Optional<StepSession> session = Optional.ofNullable(plain);
    plain = null;
    return session;
  }

  /** How far texts may go at most, as far as known. */
  void limitPositions(int most) {
    mostPositions = most;
  }

  /** Number of query heads as the attention shows it; empty where the graph shows none. */
  OptionalInt queryHeads() {
    return foreign && graph.signals().gives(GraphSignal.FULL_ATTENTION)
        ? attention().queryHeads()
        : OptionalInt.empty();
  }

  /** Why the attention that a tap emits cannot be used; empty where it can. */
  Optional<String> attentionRefusal() {
    return foreign ? attention().refusal() : Optional.empty();
  }

  private synchronized AttentionProbe.Finding attention() {
    AttentionProbe.Finding finding = attention;
    if (finding == null) {
      TappedGraph tapped = GraphTap.tap(graph, TapRequest.NONE.withFullAttention());
      try (StepSession session = sessions.open(tapped)) {
        finding =
            AttentionProbe.run(
                new ProbeSession(tapped.ports(), session),
                passes,
                graph.precision(),
                graph::hasSinks);
      } catch (dev.kvpress.runtime.ModelException e) {
        finding =
            new AttentionProbe.Finding(
                OptionalInt.empty(), Optional.of("the tapped graph is refused: " + e.getMessage()));
      }
      attention = finding;
    }
    return finding;
  }

  /**
   * Why tokens cannot be removed from the cache in texts of some length; empty where they can.
   *
   * @param session of the graph as it is
   */
  Optional<String> evictionRefusal(StepSession session, int positions) {
    return foreign ? evictionProbe(session).refusal(positions) : Optional.empty();
  }

  private EvictionProbe evictionProbe(StepSession session) {
    EvictionProbe probe = eviction;
    if (probe != null) {
      return probe;
    }
    synchronized (evictionLock) {
      if (eviction == null) {
        eviction =
            new EvictionProbe(
                new ProbeSession(graph.ports(), session), graph.precision(), passes, mostPositions);
      }
      return requireNonNull(eviction);
    }
  }

  /**
   * Whether several tokens may pass at once.
   *
   * @param cached whether there are tokens in the cache
   * @param evicted whether tokens are gone from it
   */
  boolean passTogether(boolean cached, boolean evicted) {
    if (!cached) {
      return passes.togetherAtFirst();
    }
    EvictionProbe probe = eviction;
    return passes.togetherLater() && (!evicted || probe == null || probe.togetherAfterEviction());
  }
}
