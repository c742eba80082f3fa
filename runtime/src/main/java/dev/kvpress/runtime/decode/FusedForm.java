package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Suppliers;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.HeadRows;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.ort.SessionFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The graph of a model with fused attention, and when it serves. On the processor it gives
 * everything; a GPU may have no kernel for its operator in the model's type, or one that does not
 * show its attention, and the engine would then carry each layer's cache to the processor and back.
 */
final class FusedForm {
  private final @Nullable DecoderGraph graph;
  private final SessionFactory sessions;
  private final Map<TapRequest, Boolean> suits = new ConcurrentHashMap<>();
  private final Supplier<Boolean> suitsByHead = Suppliers.memoize(this::runsByHead);

  /**
   * A form that is there or not.
   *
   * @param graph null where the model has none
   */
  FusedForm(@Nullable DecoderGraph graph, SessionFactory sessions) {
    this.graph = graph;
    this.sessions = sessions;
  }

  /** Whether it gives what a pass needs where the sessions run. */
  boolean gives(TapRequest tap) {
    return graph != null && suits.computeIfAbsent(tap, wanted -> runsWhole(graph, wanted));
  }

  private boolean runsWhole(DecoderGraph fused, TapRequest tap) {
    return sessions.fallbacks(GraphTap.tap(fused, GraphTap.possible(fused, tap))).isEmpty();
  }

  /** Whether there is a form for heads of different length that runs where the sessions do. */
  boolean givesByHead() {
    return suitsByHead.get();
  }

  private boolean runsByHead() {
    return graph != null
        && HeadRows.refusal(graph).isEmpty()
        && sessions.fallbacks(HeadRows.of(graph)).isEmpty();
  }

  /** The graph in that form; see {@link #givesByHead}. */
  TappedGraph byHead() {
    return HeadRows.of(requireNonNull(graph, "the model has no fused graph"));
  }

  /** The fused graph, or another one where there is none. */
  DecoderGraph orElse(DecoderGraph other) {
    return graph == null ? other : graph;
  }
}
