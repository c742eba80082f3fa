package dev.kvpress.runtime.graph.rewrite;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a fused operator stands.
 *
 * @param graph takes the new nodes
 * @param index of the graph as it was
 * @param trace caches of the graph as it was, followed up to its fused operators
 * @param pass what layers share
 */
record RewriteSite(
    GraphBuilder graph,
    GraphIndex index,
    DecoderInterface ports,
    CacheTrace trace,
    PassValues pass) {
  private static final Set<String> COPIES = Set.of("Cast", "Identity");

  int headSize() {
    return ports.headSize();
  }

  ElementType cacheType() {
    return ports.cacheType();
  }

  /** {@code [B,Q,h*D]} as float {@code [B,h,Q,D]}. */
  String heads(String name, String flat, int heads) {
    String wide = graph.op("Cast", name + ".float", PlainAttention.to(ElementType.FLOAT32), flat);
    String split = graph.op("Reshape", name + ".split", wide, graph.longs(0, 0, heads, headSize()));
    return graph.op("Transpose", name + ".heads", PlainAttention.HEADS_FIRST, split);
  }

  /** Refuses an operator whose cache has another number of heads than its queries. */
  void requireHeadsOfCache(int heads) throws NotRewritable {
    if (heads != ports.kvHeads()) {
      throw new NotRewritable(
          "num_heads = %d does not fit a cache of %d heads".formatted(heads, ports.kvHeads()));
    }
  }

  /** Columns {@code from} to {@code to} of {@code [B,Q,any]}. */
  String columns(String name, String flat, long from, long to) {
    return graph.op("Slice", name, flat, graph.longs(from), graph.longs(to), graph.longs(2));
  }

  /** Past tokens, then new ones, {@code [B,G,T,D]} in the type of the cache. */
  String appended(String name, String past, String fresh) {
    String narrow = graph.op("Cast", name + ".new", PlainAttention.to(cacheType()), fresh);
    return graph.op("Concat", name, List.of(attribute("axis", 2)), past, narrow);
  }

  /** A constant vector of the graph as floats. */
  String floats(String name, String value) {
    return graph.op("Cast", name, PlainAttention.to(ElementType.FLOAT32), value);
  }

  /**
   * What ONNX Runtime's operators for equal heads add to scores: who comes later, padding, a bias.
   *
   * @param padding place of the mask of padding among the inputs
   * @param title what the operator calls it
   * @param bias place of the bias
   * @param name begins the names of new values
   */
  List<String> masks(OperatorNode node, int padding, String title, int bias, String name)
      throws NotRewritable {
    List<String> masks = new ArrayList<>();
    if (node.integer("unidirectional", 0) == 1) {
      masks.add(pass.mask(0));
    }
    Optional<String> mask = node.input(padding);
    if (mask.isPresent()) {
      masks.add(paddingMask(mask.get(), title));
    }
    node.input(bias).ifPresent(numbers -> masks.add(floats(name + "bias", numbers)));
    return masks;
  }

  /** Writes the attention of an operator. */
  void write(AttentionParts parts) {
    new PlainAttention(graph).write(parts);
  }

  /**
   * A mask of padding as numbers to add.
   *
   * @param value {@code [B,T]}, 1 for tokens: a copy of attention_mask
   * @throws NotRewritable if it is anything else, such as lengths or starts of rows
   */
  private String paddingMask(String value, String title) throws NotRewritable {
    String mask = ports.attentionMask();
    String source = value;
    NodeProto writer = index.writer(source);
    while (writer != null && COPIES.contains(writer.getOpType())) {
      source = writer.getInput(0);
      writer = index.writer(source);
    }
    if (mask == null || !source.equals(mask)) {
      throw new NotRewritable(
          "input %s (%s) is something else than attention_mask".formatted(title, value));
    }
    return pass.padding();
  }

  /** Sizes of a constant; empty where the value is computed. */
  Optional<List<Long>> sizes(String value) {
    return index.constant(value).map(TensorProto::getDimsList);
  }
}
