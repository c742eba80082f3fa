package dev.kvpress.runtime.graph.rewrite;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import java.util.List;

/** What all layers share in one pass: positions of the new tokens, and who sees whom. */
final class PassValues {
  private static final String PREFIX = "rewritten.";

  private final GraphBuilder graph;
  private final DecoderInterface ports;

  PassValues(GraphBuilder graph, DecoderInterface ports) {
    this.graph = graph;
    this.ports = ports;
  }

  /**
   * float {@code [B or 1,1,Q,T]}: 0 where a query sees a token, else very low.
   *
   * @param window tokens up to and including itself that a query sees, 0 for all
   */
  String mask(int window) {
    String name = PREFIX + "mask" + (window == 0 ? "" : "_of_window_" + window);
    if (!graph.declare(name)) {
      return name;
    }
    String visible = graph.op("LessOrEqual", name + ".causal", columns(), queryColumns());
    if (window > 0) {
      String start = graph.op("Sub", name + ".start", queryColumns(), graph.longScalar(window));
      String inside = graph.op("Greater", name + ".inside", columns(), start);
      visible = graph.op("And", name + ".in_window", visible, inside);
    }
    if (ports.attentionMask() != null) {
      visible = graph.op("And", name + ".valid", visible, valid());
    }
    String mask =
        graph.op(
            "Where",
            name + ".added",
            visible,
            graph.floatScalar(0),
            graph.floatScalar(OwnGraph.MASKED));
    // Two axes in front, so that it spreads over batch and heads.
    return graph.op("Reshape", name, mask, maskShape());
  }

  /** int64 {@code [4]}: B or 1, 1, Q and T. */
  private String maskShape() {
    String name = PREFIX + "mask_shape";
    if (graph.declare(name)) {
      graph.op(
          "Concat", name, List.of(attribute("axis", 0)), graph.longs(-1, 1), queryCount(), total());
    }
    return name;
  }

  /** bool {@code [B,1,1,T]}: which columns are tokens. */
  private String valid() {
    String name = PREFIX + "valid";
    if (graph.declare(name)) {
      String mask = requireNonNull(ports.attentionMask());
      String bool = graph.op("Cast", name + ".bool", PlainAttention.to(ElementType.BOOL), mask);
      graph.op("Unsqueeze", name, bool, graph.longs(1, 2));
    }
    return name;
  }

  /** float {@code [B,1,1,T]}: 0 for tokens, else very low. */
  String padding() {
    String name = PREFIX + "padding";
    if (graph.declare(name)) {
      graph.op("Where", name, valid(), graph.floatScalar(0), graph.floatScalar(OwnGraph.MASKED));
    }
    return name;
  }

  /** int64 {@code [T]}: places of all tokens. */
  private String columns() {
    String name = PREFIX + "columns";
    if (graph.declare(name)) {
      String end = graph.op("Squeeze", name + ".end", total(), graph.longs(0));
      graph.op("Range", name, graph.longScalar(0), end, graph.longScalar(1));
    }
    return name;
  }

  /** int64 {@code [Q]}: places of the new tokens. */
  private String newColumns() {
    String name = PREFIX + "new_columns";
    if (graph.declare(name)) {
      String start = graph.op("Sub", name + ".from", total(), queryCount());
      String from = graph.op("Squeeze", name + ".start", start, graph.longs(0));
      String end = graph.op("Squeeze", name + ".end", total(), graph.longs(0));
      graph.op("Range", name, from, end, graph.longScalar(1));
    }
    return name;
  }

  /** int64 {@code [Q,1]}. */
  private String queryColumns() {
    String name = PREFIX + "query_columns";
    if (graph.declare(name)) {
      graph.op("Unsqueeze", name, newColumns(), graph.longs(1));
    }
    return name;
  }

  /** int64 {@code [B,Q]}: true positions of the new tokens. */
  String positions() {
    String name = PREFIX + "positions";
    if (!graph.declare(name)) {
      return name;
    }
    if (ports.positionIds() != null) {
      return graph.op("Cast", name, PlainAttention.to(ElementType.INT64), ports.positionIds());
    }
    String row = graph.op("Unsqueeze", name + ".row", newColumns(), graph.longs(0));
    if (ports.attentionMask() == null) {
      String shape = graph.op("Shape", name + ".shape", ports.inputIds());
      return graph.op("Expand", name, row, shape);
    }
    String wide =
        graph.op(
            "Cast", name + ".mask", PlainAttention.to(ElementType.INT64), ports.attentionMask());
    String valid = graph.op("ReduceSum", name + ".tokens", wide, graph.longs(1));
    String padding = graph.op("Sub", name + ".padding", total(), valid);
    String placed = graph.op("Sub", name + ".placed", row, padding);
    String below = graph.op("Less", name + ".below", placed, graph.longScalar(0));
    return graph.op("Where", name, below, graph.longScalar(0), placed);
  }

  /** int64 {@code [1]}: Q. */
  private String queryCount() {
    return size(PREFIX + "query_count", ports.inputIds(), 1);
  }

  /** int64 {@code [1]}: T. */
  private String total() {
    String name = PREFIX + "total";
    if (ports.attentionMask() != null) {
      return size(name, ports.attentionMask(), 1);
    }
    if (graph.declare(name)) {
      String past = size(PREFIX + "past", ports.layers().get(0).pastKey(), 2);
      graph.op("Add", name, past, queryCount());
    }
    return name;
  }

  private String size(String name, String value, int axis) {
    if (graph.declare(name)) {
      String shape = graph.op("Shape", name + ".shape", value);
      graph.op("Slice", name, shape, graph.longs(axis), graph.longs(axis + 1));
    }
    return name;
  }
}
