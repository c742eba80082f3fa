package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Optional;

/** How many numbers stand in a vector that tells a shape, that is, the rank of what it shapes. */
final class ShapeLengths {
  private static final int MOST_STEPS = 24;
  private static final int UNKNOWN = 0;

  private final GraphIndex index;

  ShapeLengths(GraphIndex index) {
    this.index = index;
  }

  /** 0 where it cannot be told. */
  int of(String vector) {
    return of(vector, MOST_STEPS);
  }

  private int of(String vector, int steps) {
    Optional<long[]> constant = index.integers(vector);
    if (constant.isPresent()) {
      return constant.get().length;
    }
    NodeProto writer = index.writer(vector);
    if (writer == null || steps == 0) {
      return UNKNOWN;
    }
    return switch (writer.getOpType()) {
      case "Concat" -> sum(writer, steps);
      case "Cast", "Identity", "Reshape", "Add", "Sub", "Mul", "Div", "Where", "Max", "Min" ->
          longest(writer, steps);
      // Of a scalar, as shapes are put together.
      case "Unsqueeze" -> 1;
      case "Gather" -> index.integers(writer.getInput(1)).map(i -> i.length).orElse(UNKNOWN);
      case "Slice" -> slice(writer);
      case "Shape" -> shape(writer);
      default -> UNKNOWN;
    };
  }

  private int sum(NodeProto concat, int steps) {
    int sum = 0;
    for (String part : concat.getInputList()) {
      int length = of(part, steps - 1);
      if (length == UNKNOWN) {
        return UNKNOWN;
      }
      sum += length;
    }
    return sum;
  }

  private int longest(NodeProto node, int steps) {
    int longest = UNKNOWN;
    int operands = node.getOpType().equals("Reshape") ? 1 : node.getInputCount();
    for (int i = 0; i < operands; i++) {
      longest = Math.max(longest, of(node.getInput(i), steps - 1));
    }
    return longest;
  }

  private int slice(NodeProto slice) {
    Optional<long[]> start = index.integers(slice.getInput(1));
    Optional<long[]> end = index.integers(slice.getInput(2));
    if (start.isEmpty() || end.isEmpty() || slice.getInputCount() > 4) {
      return UNKNOWN;
    }
    long from = start.get()[0];
    long to = end.get()[0];
    boolean sameSide = (from < 0) == (to < 0);
    return sameSide && to > from && to - from < MOST_STEPS ? (int) (to - from) : UNKNOWN;
  }

  private static int shape(NodeProto shape) {
    NodeAttributes attributes = new NodeAttributes(shape);
    long start = attributes.integer("start", 0);
    long end = attributes.integer("end", Long.MAX_VALUE);
    return (start < 0) == (end < 0) && end > start && end - start < MOST_STEPS
        ? (int) (end - start)
        : UNKNOWN;
  }
}
