package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.HashSet;
import java.util.Set;

/**
 * Which values follow from how many tokens are cached (masks, position tables, shapes), and which
 * from the tokens themselves (hidden states).
 */
final class LengthUse {
  private final Set<String> varying = new HashSet<>();
  private final Set<String> hidden = new HashSet<>();

  LengthUse(DecoderInterface ports) {
    hidden.add(ports.inputIds());
    if (ports.attentionMask() != null) {
      varying.add(ports.attentionMask());
    }
  }

  /** Whether a value follows from the length of the cache. */
  boolean varies(String value) {
    return varying.contains(value);
  }

  /** Whether a value follows from the tokens. */
  boolean isHidden(String value) {
    return hidden.contains(value);
  }

  /** Passes by a node that reads no cache. */
  void pass(NodeProto node) {
    // Shapes of hidden states tell about the pass and not about the tokens.
    boolean shape = node.getOpType().equals("Shape") || node.getOpType().equals("Size");
    boolean isHidden = !shape && GraphValues.reads(node).stream().anyMatch(hidden::contains);
    boolean isVarying = !isHidden && GraphValues.reads(node).stream().anyMatch(varying::contains);
    node.getOutputList()
        .forEach(
            output -> {
              if (isHidden) {
                hidden.add(output);
              }
              if (isVarying) {
                varying.add(output);
              }
            });
  }

  /** A node tells the length of a cache. */
  void length(NodeProto shape) {
    varying.addAll(shape.getOutputList());
  }

  /** What a node gives follows from tokens. */
  void tokens(NodeProto node) {
    hidden.addAll(node.getOutputList());
  }
}
