package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Optional;
import java.util.Set;

/** A fused operator with inputs and attributes by name. */
final class OperatorNode {
  private final NodeProto node;
  private final NodeAttributes attributes;

  OperatorNode(NodeProto node) {
    this.node = node;
    this.attributes = new NodeAttributes(node);
  }

  NodeProto proto() {
    return node;
  }

  /** An input that may be left out. */
  Optional<String> input(int place) {
    return place < node.getInputCount() && !node.getInput(place).isEmpty()
        ? Optional.of(node.getInput(place))
        : Optional.empty();
  }

  /** An input that must be there. */
  String input(int place, String name) throws NotRewritable {
    return input(place).orElseThrow(() -> new NotRewritable("it has no input " + name));
  }

  /** An output that may be left out. */
  Optional<String> output(int place) {
    return place < node.getOutputCount() && !node.getOutput(place).isEmpty()
        ? Optional.of(node.getOutput(place))
        : Optional.empty();
  }

  /** Name of the result of the attention, which is every such operator's first output. */
  String context() throws NotRewritable {
    return output(0).orElseThrow(() -> new NotRewritable("it has no output"));
  }

  /** Factor on the scores; an absent one, or 0, is what all these operators call the usual. */
  double scale(int headSize) {
    double scale = number("scale", 0);
    return scale == 0 ? 1 / Math.sqrt(headSize) : scale;
  }

  long integer(String name, long otherwise) {
    return attributes.integer(name, otherwise);
  }

  float number(String name, float otherwise) {
    return attributes.number(name, otherwise);
  }

  String text(String name, String otherwise) {
    return attributes.text(name, otherwise);
  }

  Optional<long[]> integers(String name) {
    return attributes.integers(name);
  }

  /** A count that must be there. */
  int count(String name) throws NotRewritable {
    long value = attributes.integer(name, 0);
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw new NotRewritable(
          "attribute %s must be positive, found %s".formatted(name, attributes.shown(name)));
    }
    return (int) value;
  }

  /** A count that may be left out, 0 then. */
  int optionalCount(String name) throws NotRewritable {
    return attributes.names().contains(name) ? count(name) : 0;
  }

  /** Refuses attributes that nobody has read about. */
  void allowAttributes(Set<String> known) throws NotRewritable {
    for (String name : attributes.names()) {
      if (!known.contains(name)) {
        throw new NotRewritable(
            "attribute %s = %s is unknown".formatted(name, attributes.shown(name)));
      }
    }
  }

  /** Refuses an attribute that is not at the one value that is understood. */
  void requireAttribute(String name, long only, String meaning) throws NotRewritable {
    long found = attributes.integer(name, only);
    if (found != only) {
      throw new NotRewritable("attribute %s = %d (%s)".formatted(name, found, meaning));
    }
  }

  /** Refuses inputs beyond those that are known. */
  void allowInputs(int known) throws NotRewritable {
    for (int i = known; i < node.getInputCount(); i++) {
      refuseInput(i, "number " + i, "is unknown");
    }
  }

  /** Refuses an input that is given. */
  void refuseInput(int place, String name, String meaning) throws NotRewritable {
    if (input(place).isPresent()) {
      throw new NotRewritable("input %s (%s) %s".formatted(name, input(place).get(), meaning));
    }
  }
}
