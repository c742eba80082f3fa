package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.NodeProto;
import org.jspecify.annotations.Nullable;

/**
 * What a GroupQueryAttention operator computes, read from its node.
 *
 * @param scale factor on the scores
 * @param softcap c in c · tanh(score / c), 0 for none
 * @param window places in the cache up to its own that a query sees, 0 for all
 * @param sinks value {@code [H]} of scores that belong to no token, or null
 */
record FusedOperator(float scale, float softcap, int window, @Nullable String sinks) {
  private static final int SINK_INPUT = 11;

  static FusedOperator of(NodeProto node, int headSize) {
    // An absent scale, or 0, means this one.
    float scale = (float) (1 / Math.sqrt(headSize));
    float softcap = 0;
    int window = 0;
    for (AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "scale" -> scale = attribute.getF() == 0 ? scale : attribute.getF();
        case "softcap" -> softcap = attribute.getF();
        case "local_window_size" -> window = Math.max(0, (int) attribute.getI());
        default -> {}
      }
    }
    boolean sinks = node.getInputCount() > SINK_INPUT && !node.getInput(SINK_INPUT).isEmpty();
    return new FusedOperator(scale, softcap, window, sinks ? node.getInput(SINK_INPUT) : null);
  }
}
