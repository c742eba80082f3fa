package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.TypeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.List;

/** Keeps the logits of the last query only. */
final class LogitsTap {
  private LogitsTap() {}

  static void keepLast(GraphEdit edit, DecoderGraph graph) {
    GraphBuilder added = edit.added();
    String logits = graph.ports().logits();
    if (graph.ports().form() == AttentionForm.FOREIGN) {
      String all = edit.interpose(logits);
      slice(added, logits, all);
    } else {
      // Before the output matrix, which is the largest product of a short pass.
      String all = edit.interpose(OwnGraph.LAST_HIDDEN);
      String perRow = added.op("Reshape", "tap.last_hidden_rows", all, rowShape(added));
      String last = slice(added, "tap.last_hidden", perRow);
      added.op("Squeeze", OwnGraph.LAST_HIDDEN, last, added.longs(1));
    }
    declare(edit, graph, 1);
  }

  /** Declares the logits' output for this number of queries, or a symbol. */
  static void declare(GraphEdit edit, DecoderGraph graph, Object queries) {
    String logits = graph.ports().logits();
    for (ValueInfoProto output : graph.model().getGraph().getOutputList()) {
      TypeProto.Tensor type = output.getType().getTensorType();
      if (output.getName().equals(logits)) {
        boolean known =
            type.getShape().getDimCount() == 3 && type.getShape().getDim(2).hasDimValue();
        edit.output(
            logits,
            ElementType.ofOnnx(type.getElemType()).orElse(ElementType.FLOAT32),
            "batch",
            queries,
            known ? (Object) type.getShape().getDim(2).getDimValue() : "vocab");
      }
    }
  }

  /** int64 {@code [B,Q,-1]}, the shape that splits flat rows. */
  static String rowShape(GraphBuilder added) {
    String name = "tap.row_shape";
    if (added.declare(name)) {
      added.op(
          "Concat",
          name,
          List.of(GraphBuilder.attribute("axis", 0)),
          OwnGraph.BATCH_AND_QUERIES,
          added.longs(-1));
    }
    return name;
  }

  private static String slice(GraphBuilder added, String name, String value) {
    return added.op(
        "Slice", name, value, added.longs(-1), added.longs(Long.MAX_VALUE), added.longs(1));
  }
}
