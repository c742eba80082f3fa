package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.trace.QueryRows;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Taps queries and hidden states; side branches of little work that keep nothing large alive. */
final class StateTap {
  private static final List<AttributeProto> SWAPPED = List.of(attribute("perm", 0, 2, 1, 3));
  private static final List<AttributeProto> TO_FLOAT =
      List.of(attribute("to", ElementType.FLOAT32.onnxNumber()));

  private final GraphEdit edit;
  private final DecoderGraph graph;
  private final DecoderInterface ports;
  private final TapRequest request;

  StateTap(GraphEdit edit, DecoderGraph graph, TapRequest request) {
    this.edit = edit;
    this.graph = graph;
    this.ports = graph.ports();
    this.request = request;
  }

  /** Adds the names of what it taps at the layer of an index to those of the attention. */
  SignalPorts tap(int index, SignalPorts attention) {
    int layer = ports.layers().get(index).layer();
    return new SignalPorts(
        attention.attentionSums(),
        attention.attentionMaxima(),
        attention.attentionRows(),
        attention.attentions(),
        queries(SignalNames.QUERIES + layer, index, true, request.queries()),
        queries(SignalNames.QUERIES_PRE_ROPE + layer, index, false, request.queriesPreRope()),
        hiddenStates(index));
  }

  private @Nullable String queries(String name, int index, boolean rotated, int window) {
    if (window == 0) {
      return null;
    }
    GraphBuilder added = edit.added();
    String value = tokensFirst(name, index, rotated);
    String last = lastQueries(added, "tap." + name + ".last", value, window);
    added.op("Transpose", name, SWAPPED, last);
    Object heads =
        ports.queryHeads().isPresent() ? (Object) ports.queryHeads().getAsInt() : "heads";
    edit.output(name, ElementType.FLOAT32, "batch", heads, "window", ports.headSize());
    return name;
  }

  /** float {@code [B,Q,H,D]}. */
  private String tokensFirst(String name, int index, boolean rotated) {
    int layer = ports.layers().get(index).layer();
    if (ports.form() != AttentionForm.FOREIGN) {
      return rotated ? OwnGraph.queries(layer) : OwnGraph.queriesPreRope(layer);
    }
    GraphBuilder added = edit.added();
    QueryRows rows = graph.sites().queries(index, rotated);
    String inner = "tap." + name;
    String wide = added.op("Cast", inner + ".float", TO_FLOAT, rows.value());
    String sizes = added.op("Shape", inner + ".sizes", ports.inputIds());
    long d = ports.headSize();
    if (!rows.headsFirst()) {
      String shape =
          added.op(
              "Concat", inner + ".shape", List.of(attribute("axis", 0)), sizes, added.longs(-1, d));
      return ordered(inner, index, added.op("Reshape", inner + ".tokens", wide, shape));
    }
    String batch = added.op("Slice", inner + ".batch", sizes, added.longs(0), added.longs(1));
    String count = added.op("Slice", inner + ".count", sizes, added.longs(1), added.longs(2));
    String shape =
        added.op(
            "Concat",
            inner + ".shape",
            List.of(attribute("axis", 0)),
            batch,
            added.longs(-1),
            count,
            added.longs(d));
    String heads = added.op("Reshape", inner + ".heads", wide, shape);
    return ordered(inner, index, added.op("Transpose", inner + ".tokens", SWAPPED, heads));
  }

  /** Query heads of one KV head side by side, where the graph has them apart. */
  private String ordered(String name, int index, String queries) {
    if (!graph.sites().sites().get(index).interleaved()) {
      return queries;
    }
    GraphBuilder added = edit.added();
    long g = ports.kvHeads();
    long d = ports.headSize();
    String apart = added.op("Reshape", name + ".apart", queries, added.longs(0, 0, -1, g, d));
    String turned =
        added.op("Transpose", name + ".turned", List.of(attribute("perm", 0, 1, 3, 2, 4)), apart);
    return added.op("Reshape", name + ".ordered", turned, added.longs(0, 0, -1, d));
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

  private @Nullable String hiddenStates(int index) {
    if (!request.hiddenStates()) {
      return null;
    }
    int layer = ports.layers().get(index).layer();
    String name = SignalNames.HIDDEN_STATES + layer;
    GraphBuilder added = edit.added();
    if (ports.form() == AttentionForm.FOREIGN) {
      String sizes = added.op("Shape", "tap." + name + ".sizes", ports.inputIds());
      String shape =
          added.op(
              "Concat",
              "tap." + name + ".shape",
              List.of(attribute("axis", 0)),
              sizes,
              added.longs(-1));
      String value = graph.sites().hiddenStates(index);
      String wide = added.op("Cast", "tap." + name + ".float", TO_FLOAT, value);
      added.op("Reshape", name, wide, shape);
    } else {
      added.op("Reshape", name, OwnGraph.attentionInput(layer), LogitsTap.rowShape(added));
    }
    edit.output(name, ElementType.FLOAT32, "batch", "queries", "hidden");
    return name;
  }
}
