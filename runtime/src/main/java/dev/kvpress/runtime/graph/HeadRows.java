package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Optional;

/**
 * Makes of a fused graph one for heads of different length: every KV head, with the g query heads
 * that read it, becomes a row of the operator's batch, and rows have lengths of their own.
 *
 * <p>With one new token for each row of the batch, {@code [B,1,H*D]} and {@code [B*G,1,g*D]} are
 * the same numbers in the same order, as are the caches {@code [B,G,C,D]} and {@code [B*G,1,C,D]};
 * only shapes change. With more tokens they are not, and the operator refuses the graph. Tokens of
 * a head begin at its slot 0: there is no padding to mask or to multiply, and a new token is
 * written behind the last one of its head.
 */
public final class HeadRows {
  private static final int QUERIES = 0;
  private static final int KEYS = 1;
  private static final int VALUES = 2;

  private HeadRows() {}

  /** Why a graph has no such form; empty where it has one. */
  public static Optional<String> refusal(DecoderGraph graph) {
    DecoderInterface ports = graph.ports();
    if (ports.form() != AttentionForm.FUSED) {
      return Optional.of("its attention is not fused");
    }
    GraphEdit edit = new GraphEdit(graph.model());
    for (LayerPorts layer : ports.layers()) {
      NodeProto node = edit.producer(layer.presentKey());
      if (FusedOperator.of(node, ports.headSize()).sinks() != null) {
        // One of each query head, but all rows of a batch are given the same.
        return Optional.of("layer " + layer.layer() + " has attention sinks");
      }
    }
    return Optional.empty();
  }

  /**
   * The graph in this form; it emits no signals.
   *
   * @throws IllegalArgumentException if there is a {@link #refusal}
   */
  public static TappedGraph of(DecoderGraph graph) {
    refusal(graph)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(
                  graph.file() + " cannot take heads as rows: " + reason);
            });
    TappedGraph plain = GraphTap.tap(graph, TapRequest.NONE);
    GraphEdit edit = new GraphEdit(plain.model());
    for (LayerPorts layer : plain.ports().layers()) {
      layer(edit, layer, plain.ports().headSize());
    }
    return new TappedGraph(
        edit.build(), plain.externalDataFolder(), plain.ports().byHead(), plain.request());
  }

  private static void layer(GraphEdit edit, LayerPorts layer, long headSize) {
    NodeProto node = edit.producer(layer.presentKey());
    NodeAttributes attributes = new NodeAttributes(node);
    long group = attributes.integer("num_heads", 0) / attributes.integer("kv_num_heads", 1);
    split(edit, node.getInput(QUERIES), group * headSize);
    split(edit, node.getInput(KEYS), headSize);
    split(edit, node.getInput(VALUES), headSize);
    edit.replace(node, withHeads(node, group));

    String past = "past_" + layer.layer();
    edit.input(layer.pastKey(), ElementType.FLOAT32, "head_rows", 1, past, headSize);
    edit.input(layer.pastValue(), ElementType.FLOAT32, "head_rows", 1, past, headSize);
    edit.input(requireNonNull(layer.cacheLength()), ElementType.INT32, "head_rows");
    String present = "present_" + layer.layer();
    edit.output(layer.presentKey(), ElementType.FLOAT32, "head_rows", 1, present, headSize);
    edit.output(layer.presentValue(), ElementType.FLOAT32, "head_rows", 1, present, headSize);
  }

  /** Lets the reshape in front of the operator give {@code [B*G,1,width]}. */
  private static void split(GraphEdit edit, String flat, long width) {
    NodeProto reshape = edit.producer(flat);
    if (!reshape.getOpType().equals("Reshape")) {
      throw new IllegalStateException(
          "expected a Reshape before the fused operator, found %s (%s)"
              .formatted(reshape.getOpType(), flat));
    }
    edit.setInput(flat, 1, edit.added().longs(-1, 1, width));
  }

  private static NodeProto withHeads(NodeProto node, long group) {
    NodeProto.Builder changed = node.toBuilder().clearAttribute();
    for (AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "num_heads" -> changed.addAttribute(attribute.toBuilder().setI(group));
        case "kv_num_heads" -> changed.addAttribute(attribute.toBuilder().setI(1));
        default -> changed.addAttribute(attribute);
      }
    }
    return changed.build();
  }
}
