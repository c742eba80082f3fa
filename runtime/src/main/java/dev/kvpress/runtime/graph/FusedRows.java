package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention of the last W queries beside a fused operator: computed again from these queries and
 * the present keys, W · T scores per head.
 *
 * <p>Columns behind the valid tokens of a row of the batch are 0.
 */
final class FusedRows {
  private static final int INT64 = 7;

  private FusedRows() {}

  static SignalPorts tap(GraphEdit edit, DecoderInterface ports, LayerPorts layer, int window) {
    if (window == 0 || layer.cacheLength() == null) {
      return SignalPorts.NONE;
    }
    GraphBuilder added = edit.added();
    int heads = ports.queryHeads().orElseThrow();
    int l = layer.layer();
    String prefix = "tap.rows." + l + ".";

    String last = StateTap.lastQueries(added, prefix + "queries", OwnGraph.queries(l), window);
    FusedOperator operator = FusedOperator.of(edit.producer(layer.presentKey()), ports.headSize());
    String scaled = added.op("Mul", prefix + "scaled", last, added.floatScalar(operator.scale()));
    String headsFirst =
        added.op("Transpose", prefix + "heads", List.of(attribute("perm", 0, 2, 1, 3)), scaled);
    String stacked =
        added.op(
            "Reshape",
            prefix + "stacked",
            headsFirst,
            added.longs(0, ports.kvHeads(), -1, ports.headSize()));

    String total = OwnGraph.value(l, "attention.total_length");
    String end = added.op("Cast", prefix + "end", List.of(attribute("to", INT64)), total);
    String keys =
        added.op("Slice", prefix + "keys", layer.presentKey(), added.longs(0), end, added.longs(2));
    String transposed =
        added.op("Transpose", prefix + "keys_last", List.of(attribute("perm", 0, 1, 3, 2)), keys);
    String stackedScores = added.op("MatMul", prefix + "stacked_scores", stacked, transposed);
    String scores =
        added.op("Reshape", prefix + "scores", stackedScores, added.longs(0, heads, -1, 0));

    String capped = capped(added, prefix, scores, operator.softcap());
    String mask = mask(added, layer, prefix, end, new Rows(window, operator.window()));
    String masked = added.op("Add", prefix + "masked", capped, mask);
    String rows = softmax(added, prefix, SignalNames.ROWS + l, masked, operator.sinks());
    edit.output(rows, ElementType.FLOAT32, "batch", heads, "window", "total_" + l);
    return new SignalPorts(null, null, rows, null, null, null, null);
  }

  private static String capped(GraphBuilder added, String prefix, String scores, float cap) {
    if (cap == 0) {
      return scores;
    }
    String scalar = added.floatScalar(cap);
    String divided = added.op("Div", prefix + "divided", scores, scalar);
    String bent = added.op("Tanh", prefix + "bent", divided);
    return added.op("Mul", prefix + "capped", bent, scalar);
  }

  private static String softmax(
      GraphBuilder added, String prefix, String name, String scores, @Nullable String sinks) {
    List<AttributeProto> last = List.of(attribute("axis", -1));
    if (sinks == null) {
      return added.op("Softmax", name, last, scores);
    }
    // The score that belongs to no token stands in one more column, which is then left out.
    String perHead = added.op("Reshape", prefix + "sinks", sinks, added.longs(1, -1, 1, 1));
    String sizes = added.op("Shape", prefix + "sizes", scores);
    String outer = added.op("Slice", prefix + "outer", sizes, added.longs(0), added.longs(3));
    List<AttributeProto> first = List.of(attribute("axis", 0));
    String shape = added.op("Concat", prefix + "column_shape", first, outer, added.longs(1));
    String column = added.op("Expand", prefix + "column", perHead, shape);
    String all = added.op("Concat", prefix + "scores_and_sink", last, scores, column);
    String attention = added.op("Softmax", prefix + "with_sink", last, all);
    return added.op("Slice", name, attention, added.longs(0), added.longs(-1), added.longs(3));
  }

  /**
   * Which rows are asked for.
   *
   * @param count last queries, W
   * @param sees places up to its own that a query sees, 0 for all
   */
  private record Rows(int count, int sees) {}

  /** {@code [B,1,W,T]}: query i of the pass sees columns up to its row's cache length plus i. */
  private static String mask(
      GraphBuilder added, LayerPorts layer, String prefix, String end, Rows rows) {
    String indices = lastIndices(added, rows.count());
    String length =
        added.op(
            "Cast",
            prefix + "length",
            List.of(attribute("to", INT64)),
            requireNonNull(layer.cacheLength()));
    String lengthColumn =
        added.op("Unsqueeze", prefix + "length_column", length, added.longs(1, 2, 3));
    String limit = added.op("Add", prefix + "limit", lengthColumn, indices);
    String endScalar = added.op("Squeeze", prefix + "end_scalar", end);
    String columns =
        added.op("Range", prefix + "columns", added.longScalar(0), endScalar, added.longScalar(1));
    String visible = added.op("LessOrEqual", prefix + "visible", columns, limit);
    if (rows.sees() > 0) {
      String start = added.op("Sub", prefix + "window_start", limit, added.longScalar(rows.sees()));
      String inside = added.op("Greater", prefix + "inside", columns, start);
      visible = added.op("And", prefix + "visible_inside", visible, inside);
    }
    return added.op(
        "Where",
        prefix + "mask",
        visible,
        added.floatScalar(0),
        added.floatScalar(OwnGraph.MASKED));
  }

  /** int64 {@code [W,1]}: indices of the last W queries within the pass. */
  private static String lastIndices(GraphBuilder added, int window) {
    String name = "tap.last_indices";
    if (added.declare(name)) {
      String count = added.op("Squeeze", "tap.query_count_scalar", "pass.query_count");
      String all =
          added.op("Range", "tap.query_indices", added.longScalar(0), count, added.longScalar(1));
      String last =
          added.op(
              "Slice",
              "tap.last_query_indices",
              all,
              added.longs(-window),
              added.longs(Long.MAX_VALUE),
              added.longs(0));
      added.op("Unsqueeze", name, last, added.longs(1));
    }
    return name;
  }
}
