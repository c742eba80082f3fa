package dev.kvpress.runtime.graph.dialect;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.Arrays;
import java.util.List;

/** Nodes that dialects put between a graph and the inputs and outputs it shall have. */
final class Border {
  /** From here on axes are inputs of Unsqueeze and its like. */
  private static final int AXES_AS_INPUTS = 13;

  private Border() {}

  /** A value with one more axis of size 1. */
  static String unsqueeze(GraphEdit edit, String name, String value, int axis) {
    GraphBuilder added = edit.added();
    return edit.opset() < AXES_AS_INPUTS
        ? added.op("Unsqueeze", name, List.of(attribute("axes", new long[] {axis})), value)
        : added.op("Unsqueeze", name, value, added.longs(axis));
  }

  /** Gives an input that always has the same value this value for good. */
  static void constant(
      GraphEdit edit, String name, ElementType type, List<Long> shape, long value) {
    GraphBuilder added = edit.added();
    String number = added.longScalar(value);
    String typed =
        added.op("Cast", name + ".typed", List.of(attribute("to", type.onnxNumber())), number);
    long[] ones = new long[shape.size()];
    Arrays.fill(ones, 1);
    added.op("Reshape", name, typed, added.longs(ones));
  }

  /** Dimensions of a present cache whose past has these. */
  static Object[] grown(List<Object> past) {
    return past.stream().map(dim -> dim instanceof String s ? s + "_present" : dim).toArray();
  }

  /**
   * Lets an input have another form than the graph was written for.
   *
   * @return the name under which the nodes of the graph now read it; the caller writes it
   */
  static String inside(GraphEdit edit, String input) {
    String inner = input + GraphEdit.AS_WRITTEN;
    edit.rename(input, inner);
    return inner;
  }
}
