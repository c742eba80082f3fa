package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.graph.trace.QueryRows;
import dev.kvpress.runtime.graph.trace.QueryTrace;
import dev.kvpress.runtime.graph.trace.TracedAttention;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a graph computes attention. Own graphs name these places; in others the cache is followed
 * to whoever reads it.
 */
final class TapSites {
  private static final Set<String> COPIES = Set.of("Cast", "Identity", "Dropout");

  /**
   * The attention of one layer in a foreign graph.
   *
   * @param attention value after the softmax, {@code [B,H,Q,T]} with any of the first axes merged
   * @param interleaved whether query head h reads KV head h mod G
   * @param context value that is computed from it and can be made to wait for a tap; null where
   *     none is known
   * @param sinks whether rows may sum to less than 1
   * @param queries where its queries come from; null where that is not known
   */
  record Site(
      String attention,
      boolean interleaved,
      @Nullable String context,
      boolean sinks,
      @Nullable QueryTrace queries) {}

  private final List<Site> sites;
  private final SignalSupport support;

  private TapSites(List<Site> sites, SignalSupport support) {
    this.sites = sites;
    this.support = support;
  }

  /** Own graphs, whose names tell everything. */
  static TapSites own() {
    return new TapSites(List.of(), new SignalSupport(Map.of()));
  }

  /** A graph that cannot be edited. */
  static TapSites none(String reason) {
    Map<GraphSignal, String> refusals = new EnumMap<>(GraphSignal.class);
    for (GraphSignal signal : GraphSignal.values()) {
      refusals.put(signal, reason);
    }
    return new TapSites(List.of(), new SignalSupport(refusals));
  }

  /**
   * Looks for the attention of each layer.
   *
   * @param why why layers were not understood, by index, where something else than the trace tells
   */
  static TapSites find(
      GraphIndex index, DecoderInterface ports, CacheTrace trace, Map<Integer, String> why) {
    Map<GraphSignal, String> refusals = new EnumMap<>(GraphSignal.class);
    List<Site> sites = new ArrayList<>();
    for (int l = 0; l < ports.layers().size(); l++) {
      LayerPorts layer = ports.layers().get(l);
      List<TracedAttention> found = trace.layer(l).attentions();
      Optional<String> refusal = Optional.ofNullable(why.get(l)).or(trace.layer(l)::refusal);
      String emitted = layer.signals().attentions();
      if (found.size() == 1) {
        sites.add(site(index, ports, trace, found.get(0)));
      } else if (emitted != null) {
        sites.add(new Site(emitted, false, null, false, null));
      } else {
        refuseAttention(refusals, layer.layer(), ports.layers().size(), found.size(), refusal);
      }
    }
    refuseQueries(refusals, ports, sites);
    return new TapSites(
        refusals.containsKey(GraphSignal.COLUMN_SUMS) ? List.of() : sites,
        new SignalSupport(refusals));
  }

  private static Site site(
      GraphIndex index, DecoderInterface ports, CacheTrace trace, TracedAttention found) {
    return new Site(
        beforeCopies(index, found.attention()),
        found.interleaved(),
        found.context().getOutput(0),
        found.sinks(),
        QueryTrace.of(index, trace, ports, found));
  }

  /** A softmax of more digits may have been cast to fewer. */
  private static String beforeCopies(GraphIndex index, String attention) {
    String value = attention;
    NodeProto writer = index.writer(value);
    while (writer != null && COPIES.contains(writer.getOpType())) {
      value = writer.getInput(0);
      writer = index.writer(value);
    }
    return value;
  }

  private static void refuseAttention(
      Map<GraphSignal, String> refusals,
      int layer,
      int layers,
      int found,
      Optional<String> refusal) {
    String reason =
        refusal
            .map(text -> "the attention of layer %d is not understood: %s".formatted(layer, text))
            .orElse(
                found == 0
                    ? "expected one Softmax followed by MatMul for each of the %d layers with a cache, found 0 for layer %d: nothing multiplies queries with its cached keys"
                        .formatted(layers, layer)
                    : "the cache of layer %d is read by %d attentions".formatted(layer, found));
    for (GraphSignal signal : GraphSignal.values()) {
      if (signal.isObserved()) {
        refusals.putIfAbsent(signal, reason);
      }
    }
  }

  private static void refuseQueries(
      Map<GraphSignal, String> refusals, DecoderInterface ports, List<Site> sites) {
    for (int l = 0; l < sites.size(); l++) {
      QueryTrace queries = sites.get(l).queries();
      int layer = ports.layers().get(l).layer();
      if (queries == null) {
        String reason = "the graph shows the attention of layer %d, but not its queries";
        refusals.putIfAbsent(GraphSignal.QUERIES, reason.formatted(layer));
        refusals.putIfAbsent(GraphSignal.QUERIES_PRE_ROPE, reason.formatted(layer));
        refusals.putIfAbsent(GraphSignal.HIDDEN_STATES, reason.formatted(layer));
        continue;
      }
      String reason = "layer %d: %s".formatted(layer, queries.refusal().orElse("unknown"));
      if (queries.beforeRotation().isEmpty()) {
        refusals.putIfAbsent(GraphSignal.QUERIES_PRE_ROPE, reason);
      }
      if (queries.hiddenStates().isEmpty()) {
        refusals.putIfAbsent(GraphSignal.HIDDEN_STATES, reason);
      } else if (queries.hiddenSize().isEmpty()) {
        refusals.putIfAbsent(
            GraphSignal.HIDDEN_STATES,
            "layer %d: the weight of the queries does not tell the size of hidden states"
                .formatted(layer));
      }
    }
  }

  /**
   * One per layer with a cache, in their order; empty for own graphs and where attention is
   * refused.
   */
  List<Site> sites() {
    return sites;
  }

  SignalSupport support() {
    return support;
  }

  /** E, where the projections of a foreign graph tell it. */
  OptionalInt hiddenSize() {
    return sites.isEmpty() || sites.get(0).queries() == null
        ? OptionalInt.empty()
        : sites.get(0).queries().hiddenSize();
  }

  /** Queries of a layer before or after rotation. */
  QueryRows queries(int index, boolean rotated) {
    QueryTrace queries = queries(index);
    return rotated ? queries.queries() : queries.beforeRotation().orElseThrow();
  }

  /** What is projected to the queries of a layer. */
  String hiddenStates(int index) {
    return queries(index).hiddenStates().orElseThrow();
  }

  private QueryTrace queries(int index) {
    QueryTrace queries = sites.get(index).queries();
    if (queries == null) {
      throw new IllegalStateException("the queries of layer " + index + " are not known");
    }
    return queries;
  }

  /** A GroupQueryAttention node that also emits its softmax. */
  static NodeProto emitting(NodeProto fused, String output) {
    // 2 means after the softmax.
    return withoutMode(fused)
        .addOutput(output)
        .addAttribute(GraphBuilder.attribute("qk_output", 2))
        .build();
  }

  /** The node as it was before {@link #emitting}; other nodes as they are. */
  static NodeProto quiet(NodeProto node) {
    if (!node.getOpType().equals("GroupQueryAttention") || node.getOutputCount() != 4) {
      return node;
    }
    return withoutMode(node).clearOutput().addAllOutput(node.getOutputList().subList(0, 3)).build();
  }

  private static NodeProto.Builder withoutMode(NodeProto fused) {
    NodeProto.Builder node = fused.toBuilder().clearAttribute();
    for (AttributeProto attribute : fused.getAttributeList()) {
      if (!attribute.getName().equals("qk_output")) {
        node.addAttribute(attribute);
      }
    }
    return node;
  }
}
