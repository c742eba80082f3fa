package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Taps the attention of each layer and reduces it there.
 *
 * <p>ONNX Runtime runs side branches late and would keep the softmax of every layer until then.
 * What the layer goes on with is therefore made to wait: it passes a Reshape to its own shape, plus
 * nothing, where the nothing is computed from the shape of the reduced signal. No number of the
 * layer is touched, so that a tapped graph computes bit for bit what it did; only the fused
 * operator takes another order of summation when it has to give its softmax.
 */
final class AttentionTap {
  private static final String WEIGHTS = "tap.valid_queries";

  private final GraphEdit edit;
  private final DecoderGraph graph;
  private final DecoderInterface ports;
  private final TapRequest request;

  AttentionTap(GraphEdit edit, DecoderGraph graph, TapRequest request) {
    this.edit = edit;
    this.graph = graph;
    this.ports = graph.ports();
    this.request = request;
  }

  /** Taps the layer at an index of the interface's list. */
  SignalPorts tap(int index) {
    if (!request.wantsAttention()) {
      return SignalPorts.NONE;
    }
    int layer = ports.layers().get(index).layer();
    return switch (ports.form()) {
      case DECOMPOSED, PACKED -> reduce(layer, perHead(layer), OwnGraph.context(layer));
      case FUSED, FUSED_BY_HEAD -> fused(ports.layers().get(index));
      case FOREIGN -> foreign(ports.layers().get(index), graph.sites().sites().get(index));
    };
  }

  private String perHead(int layer) {
    GraphBuilder added = edit.added();
    return added.op(
        "Reshape",
        "tap.attention." + layer,
        OwnGraph.probabilities(layer),
        added.longs(0, ports.queryHeads().orElseThrow(), -1, 0));
  }

  /**
   * The operator gives its softmax at the price of one copy of it, on the processor only; a few
   * last rows are cheaper computed again, and so everywhere.
   */
  private SignalPorts fused(LayerPorts layer) {
    NodeProto operator = edit.producer(layer.presentKey());
    if (!request.columnSums() && !request.columnMaxima() && !request.fullAttention()) {
      SignalPorts signals = FusedRows.tap(edit, ports, layer, request.lastRows());
      if (signals.attentionRows() != null) {
        letWait(layer.layer(), operator.getOutput(0), List.of(signals.attentionRows()));
      }
      return signals;
    }
    String attention = "tap.attention." + layer.layer();
    edit.replace(operator, TapSites.emitting(operator, attention));
    return reduce(layer.layer(), attention, operator.getOutput(0));
  }

  private SignalPorts foreign(LayerPorts layer, TapSites.Site site) {
    String attention = site.attention();
    String output = SignalNames.ATTENTIONS + layer.layer();
    if (edit.produces(output)) {
      // The graph gives a value this name, which may be of other shape or type.
      String inner = output + GraphEdit.AS_WRITTEN;
      edit.rename(output, inner);
      attention = attention.equals(output) ? inner : attention;
    }
    return reduce(layer.layer(), perHead(layer, attention, site.interleaved()), site.context());
  }

  /** float {@code [B,H,Q,T]}, however the graph merges axes and orders heads. */
  private String perHead(LayerPorts layer, String attention, boolean interleaved) {
    GraphBuilder added = edit.added();
    String name = "tap.attention." + layer.layer();
    String wide =
        added.op(
            "Cast",
            name + ".float",
            List.of(attribute("to", ElementType.FLOAT32.onnxNumber())),
            attention);
    String keys = added.op("Shape", name + ".keys", layer.presentKey());
    String total = added.op("Slice", name + ".total", keys, added.longs(2), added.longs(3));
    String sizes = added.op("Shape", name + ".sizes", ports.inputIds());
    String batch = added.op("Slice", name + ".batch", sizes, added.longs(0), added.longs(1));
    String count = added.op("Slice", name + ".count", sizes, added.longs(1), added.longs(2));
    List<AttributeProto> axis = List.of(attribute("axis", 0));
    String shape = added.op("Concat", name + ".shape", axis, batch, added.longs(-1), count, total);
    if (!interleaved) {
      return added.op("Reshape", name, wide, shape);
    }
    String groups =
        added.op(
            "Concat",
            name + ".groups",
            axis,
            batch,
            added.longs(-1, ports.kvHeads()),
            count,
            total);
    String grouped = added.op("Reshape", name + ".grouped", wide, groups);
    String ordered =
        added.op(
            "Transpose", name + ".ordered", List.of(attribute("perm", 0, 2, 1, 3, 4)), grouped);
    return added.op("Reshape", name, ordered, shape);
  }

  private SignalPorts reduce(int layer, String attention, @Nullable String context) {
    GraphBuilder added = edit.added();
    Object heads =
        ports.queryHeads().isPresent() ? (Object) ports.queryHeads().getAsInt() : "heads";
    String total = "total_" + layer;
    List<String> waitFor = new ArrayList<>();
    String sums = null;
    String maxima = null;
    String rows = null;
    String full = null;
    if (request.columnSums()) {
      sums = SignalNames.SUMS + layer;
      sum(sums, attention);
      edit.output(sums, ElementType.FLOAT32, "batch", heads, total);
      waitFor.add(sums);
    }
    if (request.columnMaxima()) {
      maxima = SignalNames.MAXIMA + layer;
      max(maxima, attention);
      edit.output(maxima, ElementType.FLOAT32, "batch", heads, total);
      waitFor.add(maxima);
    }
    if (request.lastRows() > 0) {
      rows = SignalNames.ROWS + layer;
      added.op(
          "Slice",
          rows,
          attention,
          added.longs(-request.lastRows()),
          added.longs(Long.MAX_VALUE),
          added.longs(2));
      edit.output(rows, ElementType.FLOAT32, "batch", heads, "window", total);
      waitFor.add(rows);
    }
    if (request.fullAttention()) {
      full = SignalNames.ATTENTIONS + layer;
      if (!full.equals(attention)) {
        added.op("Identity", full, attention);
      }
      edit.output(full, ElementType.FLOAT32, "batch", heads, "queries", total);
    } else if (context != null) {
      letWait(layer, context, waitFor);
    }
    return new SignalPorts(sums, maxima, rows, full, null, null, null);
  }

  private void sum(String name, String attention) {
    GraphBuilder added = edit.added();
    String weights = weights();
    if (weights == null) {
      added.op("ReduceSum", name, List.of(attribute("keepdims", 0)), attention, added.longs(2));
      return;
    }
    String row = added.op("MatMul", "tap." + name, weights, attention);
    added.op("Squeeze", name, row, added.longs(2));
  }

  private void max(String name, String attention) {
    GraphBuilder added = edit.added();
    String weights = weights();
    String valid = attention;
    if (weights != null) {
      String column =
          added.op("Reshape", "tap." + name + ".valid", weights, added.longs(0, 1, -1, 1));
      valid = added.op("Mul", "tap." + name, attention, column);
    }
    AttributeProto gone = attribute("keepdims", 0);
    if (edit.opset() >= OpsetForm.MAXIMA_AXES_AS_INPUTS) {
      added.op("ReduceMax", name, List.of(gone), valid, added.longs(2));
    } else {
      added.op("ReduceMax", name, List.of(gone, attribute("axes", new long[] {2})), valid);
    }
  }

  /**
   * float {@code [B,1,1,Q]} with 0 for padding among the queries, or null where the graph has no
   * mask.
   */
  private @Nullable String weights() {
    // An exported file has lost the value where none of its own signals reads it.
    if (ports.form() != AttentionForm.FOREIGN && edit.produces(OwnGraph.VALID_QUERIES)) {
      return OwnGraph.VALID_QUERIES;
    }
    if (ports.attentionMask() == null) {
      return null;
    }
    GraphBuilder added = edit.added();
    if (added.declare(WEIGHTS)) {
      String shape = added.op("Shape", "tap.input_shape", ports.inputIds());
      String count = added.op("Slice", "tap.query_count", shape, added.longs(1), added.longs(2));
      String start = added.op("Neg", "tap.mask_start", count);
      String fresh =
          added.op(
              "Slice",
              "tap.mask_of_new",
              ports.attentionMask(),
              start,
              added.longs(Long.MAX_VALUE),
              added.longs(1));
      String spread = added.op("Unsqueeze", "tap.mask_spread", fresh, added.longs(1, 2));
      added.op("Cast", WEIGHTS, List.of(attribute("to", ElementType.FLOAT32.onnxNumber())), spread);
    }
    return WEIGHTS;
  }

  private void letWait(int layer, String context, List<String> signals) {
    GraphBuilder added = edit.added();
    String inner = edit.interpose(context);
    String shape = added.op("Shape", "tap.context_shape." + layer, inner);
    for (String signal : signals) {
      String signalShape = added.op("Shape", "tap.shape." + signal, signal);
      String first =
          added.op("Slice", "tap.batch." + signal, signalShape, added.longs(0), added.longs(1));
      String nothing = added.op("Mul", "tap.nothing." + signal, first, added.longScalar(0));
      shape = added.op("Add", "tap.wait." + signal, shape, nothing);
    }
    added.op("Reshape", context, inner, shape);
  }
}
