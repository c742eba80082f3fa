package dev.kvpress.runtime.graph.graft;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.LayerPorts;
import java.util.List;
import java.util.Objects;

/**
 * Lengths of one pass as values of the graph, each int64 {@code [1]}: of the batch, of the new
 * tokens, of the text before them, and of what each layer holds of it.
 */
final class PassLengths {
  private final GraphBuilder graph;
  private final DecoderInterface ports;

  PassLengths(GraphBuilder graph, DecoderInterface ports) {
    this.graph = graph;
    this.ports = ports;
  }

  /** B. */
  String batch() {
    return sizeOf("graft.batch", ports.inputIds(), 0);
  }

  /** Q. */
  String queries() {
    return sizeOf("graft.queries", ports.inputIds(), 1);
  }

  /** Tokens of the text before this pass, in the longest row. */
  String seen() {
    String name = "graft.seen";
    if (!graph.declare(name)) {
      return name;
    }
    if (ports.attentionMask() != null) {
      return graph.op("Sub", name, text(), queries());
    }
    // Without a mask there is no padding, so that the first new token of any row tells.
    String positions = Objects.requireNonNull(ports.positionIds());
    String wide = graph.op("Cast", name + ".positions", List.of(attribute("to", 7)), positions);
    String flat = graph.op("Reshape", name + ".flat", wide, graph.longs(-1));
    return graph.op("Slice", name, flat, graph.longs(0), graph.longs(1));
  }

  /** Tokens of the text, new ones included. */
  String text() {
    return ports.attentionMask() == null ? sum() : sizeOf("graft.text", ports.attentionMask(), 1);
  }

  private String sum() {
    String name = "graft.text";
    return graph.declare(name) ? graph.op("Add", name, seen(), queries()) : name;
  }

  /** P of a layer. */
  String past(LayerPorts layer) {
    return sizeOf("graft.past." + layer.layer(), layer.pastKey(), 2);
  }

  /** T of a layer. */
  String total(LayerPorts layer) {
    String name = "graft.total." + layer.layer();
    return graph.declare(name) ? graph.op("Add", name, past(layer), queries()) : name;
  }

  /** Tokens of the text that a layer does not hold. */
  String removed(LayerPorts layer) {
    String name = "graft.removed." + layer.layer();
    return graph.declare(name) ? graph.op("Sub", name, seen(), past(layer)) : name;
  }

  /** Columns of padding before each row of the batch, int64 {@code [B,1,1]}. */
  String padding() {
    String name = "graft.padding";
    if (!graph.declare(name)) {
      return name;
    }
    String mask = Objects.requireNonNull(ports.attentionMask());
    String wide = graph.op("Cast", name + ".mask", List.of(attribute("to", 7)), mask);
    String valid = graph.op("ReduceSum", name + ".valid", wide, graph.longs(1));
    String missing = graph.op("Sub", name + ".missing", text(), valid);
    return graph.op("Unsqueeze", name, missing, graph.longs(2));
  }

  /**
   * Where the tokens that a layer attends to stand in the text, as columns of a mask over all of
   * it: int64 {@code [B, G or 1, T]}, or P in place of T without the new tokens.
   */
  String columns(LayerPorts layer, boolean pastOnly) {
    String name = "graft.columns." + layer.layer();
    String past = pastColumns(name + ".past", layer);
    if (pastOnly || !graph.declare(name)) {
      return pastOnly ? past : name;
    }
    String outer = graph.op("Shape", name + ".shape", past);
    String heads = graph.op("Slice", name + ".heads", outer, graph.longs(0), graph.longs(2));
    String shape = concat(name + ".new_shape", heads, queries());
    String fresh = graph.op("Expand", name + ".new", newColumns(), shape);
    return graph.op("Concat", name, List.of(attribute("axis", 2)), past, fresh);
  }

  private String pastColumns(String name, LayerPorts layer) {
    String positions = Objects.requireNonNull(layer.cachePositions());
    if (ports.attentionMask() == null) {
      return positions;
    }
    return graph.declare(name) ? graph.op("Add", name, positions, padding()) : name;
  }

  private String newColumns() {
    String name = "graft.new_columns";
    if (!graph.declare(name)) {
      return name;
    }
    String from = graph.op("Squeeze", name + ".from", seen(), graph.longs(0));
    String to = graph.op("Squeeze", name + ".to", text(), graph.longs(0));
    return graph.op("Range", name, from, to, graph.longScalar(1));
  }

  /** Joins vectors of lengths to a shape. */
  String concat(String name, String... parts) {
    return graph.op("Concat", name, List.of(attribute("axis", 0)), parts);
  }

  private String sizeOf(String name, String value, int axis) {
    if (graph.declare(name)) {
      String shape = graph.op("Shape", name + ".shape", value);
      graph.op("Slice", name, shape, graph.longs(axis), graph.longs(axis + 1));
    }
    return name;
  }
}
