package dev.kvpress.runtime.graph.pack;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An operator whose constants an engine rearranges.
 *
 * @param node whose first input is computed and whose second is the weight
 * @param constants all its other inputs that are given, the weight first
 */
public record PackableNode(NodeProto node, List<TensorProto> constants) {
  private static final String OPERATOR = "MatMulNBits";

  /** Keeps a copy. */
  public PackableNode {
    constants = List.copyOf(constants);
    checkArgument(!constants.isEmpty(), "node %s has no constant", node.getName());
  }

  static boolean isPackable(NodeProto node) {
    return node.getOpType().equals(OPERATOR);
  }

  /** Those of a graph and of the bodies in it; operators that read computed weights are none. */
  public static List<PackableNode> of(GraphProto graph) {
    List<PackableNode> found = new ArrayList<>();
    add(graph, Map.of(), found);
    return found;
  }

  private static void add(
      GraphProto graph, Map<String, TensorProto> outside, List<PackableNode> found) {
    Map<String, TensorProto> known = new HashMap<>(outside);
    graph.getInitializerList().forEach(tensor -> known.put(tensor.getName(), tensor));
    for (NodeProto node : graph.getNodeList()) {
      if (isPackable(node) && node.getInputCount() > 1) {
        List<String> inputs =
            node.getInputList().stream().skip(1).filter(name -> !name.isEmpty()).toList();
        if (known.keySet().containsAll(inputs)) {
          found.add(new PackableNode(node, inputs.stream().map(known::get).toList()));
        }
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          add(attribute.getG(), known, found);
        }
        attribute.getGraphsList().forEach(body -> add(body, known, found));
      }
    }
  }

  TensorProto weight() {
    return constants.get(0);
  }

  /** The constant of a name. */
  TensorProto constant(String name) {
    return constants.stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "constant %s is none of node %s".formatted(name, node.getName())));
  }

  /** The same with each constant replaced. */
  PackableNode with(UnaryOperator<TensorProto> change) {
    return new PackableNode(node, constants.stream().map(change).toList());
  }
}
