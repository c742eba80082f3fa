package dev.kvpress.runtime.graph;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Taps queries and hidden states of own graphs; side branches of little work that keep nothing
 * large alive.
 */
final class StateTap {
  private final GraphEdit edit;
  private final DecoderInterface ports;
  private final TapRequest request;

  StateTap(GraphEdit edit, DecoderInterface ports, TapRequest request) {
    this.edit = edit;
    this.ports = ports;
    this.request = request;
  }

  /** Adds the names of what it taps to those of the attention. */
  SignalPorts tap(int layer, SignalPorts attention) {
    return new SignalPorts(
        attention.attentionSums(),
        attention.attentionRows(),
        attention.attentions(),
        queries(SignalNames.QUERIES + layer, OwnGraph.queries(layer), request.queries()),
        queries(
            SignalNames.QUERIES_PRE_ROPE + layer,
            OwnGraph.queriesPreRope(layer),
            request.queriesPreRope()),
        hiddenStates(layer));
  }

  private @Nullable String queries(String name, String value, int window) {
    if (window == 0) {
      return null;
    }
    GraphBuilder added = edit.added();
    String last = lastQueries(added, "tap." + name + ".last", value, window);
    added.op("Transpose", name, List.of(GraphBuilder.attribute("perm", 0, 2, 1, 3)), last);
    edit.output(
        name,
        ElementType.FLOAT32,
        "batch",
        ports.queryHeads().orElseThrow(),
        "window",
        ports.headSize());
    return name;
  }

  /**
   * The last {@code window} queries of {@code [B,Q,H,D]}; a negative start before the beginning is
   * cut off by Slice itself.
   */
  static String lastQueries(GraphBuilder added, String name, String value, int window) {
    if (window == TapRequest.ALL) {
      return value;
    }
    return added.op(
        "Slice", name, value, added.longs(-window), added.longs(Long.MAX_VALUE), added.longs(1));
  }

  private @Nullable String hiddenStates(int layer) {
    if (!request.hiddenStates()) {
      return null;
    }
    String name = SignalNames.HIDDEN_STATES + layer;
    GraphBuilder added = edit.added();
    added.op("Reshape", name, OwnGraph.attentionInput(layer), LogitsTap.rowShape(added));
    edit.output(name, ElementType.FLOAT32, "batch", "queries", "hidden");
    return name;
  }
}
