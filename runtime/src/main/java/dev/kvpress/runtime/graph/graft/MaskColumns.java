package dev.kvpress.runtime.graph.graft;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.trace.TracedAttention;
import dev.kvpress.runtime.graph.trace.TracedAttention.SideOperand;
import java.util.List;
import java.util.Objects;

/**
 * Takes of everything that is spread over scores the columns of those tokens that a layer holds.
 *
 * <p>Scores of any shape are seen as {@code [B,G,g,Q,T]}, or as {@code [B,g,G,Q,T]} where KV heads
 * were repeated as a whole.
 */
final class MaskColumns {
  /** The lowest number of 16 bits. */
  private static final float LOWEST_HALF = -65504;

  private final GraphEdit edit;
  private final DecoderInterface ports;
  private final PassLengths lengths;

  MaskColumns(GraphEdit edit, DecoderInterface ports, PassLengths lengths) {
    this.edit = edit;
    this.ports = ports;
    this.lengths = lengths;
  }

  /** Over all of the text in, over the tokens of the layer out. */
  void pick(LayerPorts layer, TracedAttention attention, SideOperand side) {
    GraphBuilder added = edit.added();
    String name = "%s.%d.columns".formatted(side.node().getOutput(0), side.input());
    String shape = added.op("Shape", name + ".shape", side.scores());
    String outer = added.op("Slice", name + ".outer", shape, added.longs(0), added.longs(-1));
    String text = side.pastOnly() ? lengths.seen() : lengths.text();
    String held = side.pastOnly() ? lengths.past(layer) : lengths.total(layer);
    String wide = lengths.concat(name + ".text_shape", outer, text);
    String spread = added.op("Expand", name + ".spread", side.value(), wide);
    String seen = added.op("Reshape", name + ".seen", spread, heads(attention, name, text));
    String columns =
        added.op(
            "Unsqueeze",
            name + ".index",
            lengths.columns(layer, side.pastOnly()),
            attention.interleaved() ? added.longs(1, 3) : added.longs(2, 3));
    String seenShape = added.op("Shape", name + ".seen_shape", seen);
    String upTo = added.op("Slice", name + ".up_to", seenShape, added.longs(0), added.longs(-1));
    String indexShape = lengths.concat(name + ".index_shape", upTo, held);
    String index = added.op("Expand", name + ".all", columns, indexShape);
    String picked =
        added.op("GatherElements", name + ".picked", List.of(attribute("axis", 4)), seen, index);
    added.op("Reshape", name, picked, shape);
    edit.setInput(side.node().getOutput(0), side.input(), name);
  }

  private String heads(TracedAttention attention, String name, String last) {
    GraphBuilder added = edit.added();
    long g = ports.kvHeads();
    return lengths.concat(
        name + ".heads",
        lengths.batch(),
        attention.interleaved() ? added.longs(-1, g) : added.longs(g, -1),
        lengths.queries(),
        last);
  }

  /** Adds {@code cache_bias} to the scores just before the softmax. */
  void hidePadding(LayerPorts layer, TracedAttention attention) {
    GraphBuilder added = edit.added();
    String bias = bias(layer, attention.scoresType());
    String scores = attention.scores();
    String name = "graft." + scores;
    String inner = edit.interpose(scores);
    String shape = added.op("Shape", name + ".shape", inner);
    String seen =
        added.op("Reshape", name + ".seen", inner, heads(attention, name, lengths.total(layer)));
    String perHead =
        added.op(
            "Unsqueeze",
            name + ".bias",
            bias,
            attention.interleaved() ? added.longs(1) : added.longs(2));
    String hidden = added.op("Add", name + ".hidden", seen, perHead);
    added.op("Reshape", scores, hidden, shape);
  }

  /** {@code [B,G,1,T]}, nothing for new tokens, in the type of the scores. */
  private String bias(LayerPorts layer, ElementType type) {
    GraphBuilder added = edit.added();
    String name = "graft.bias." + layer.layer() + "." + type;
    if (!added.declare(name)) {
      return name;
    }
    String past = Objects.requireNonNull(layer.cacheBias());
    String shape = added.op("Shape", name + ".past_shape", past);
    String outer = added.op("Slice", name + ".outer", shape, added.longs(0), added.longs(-1));
    String newShape = lengths.concat(name + ".new_shape", outer, lengths.queries());
    String none = added.op("Expand", name + ".new", added.floatScalar(0), newShape);
    String all = added.op("Concat", name + ".all", List.of(attribute("axis", -1)), past, none);
    if (type == ElementType.FLOAT16) {
      all = added.op("Max", name + ".finite", all, added.floatScalar(LOWEST_HALF));
    }
    return added.op("Cast", name, List.of(attribute("to", type.onnxNumber())), all);
  }
}
