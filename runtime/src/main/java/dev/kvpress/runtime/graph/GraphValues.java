package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Names of values that nodes read and write, those inside their bodies included. */
public final class GraphValues {
  private GraphValues() {}

  /** Values a node reads, those read inside its bodies included. */
  public static List<String> reads(NodeProto node) {
    List<String> names = new ArrayList<>();
    addReads(node, names);
    return names;
  }

  private static void addReads(NodeProto node, List<String> names) {
    for (String input : node.getInputList()) {
      if (!input.isEmpty()) {
        names.add(input);
      }
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        addBody(attribute.getG(), names);
      }
      attribute.getGraphsList().forEach(body -> addBody(body, names));
    }
  }

  private static void addBody(GraphProto body, List<String> names) {
    body.getNodeList().forEach(node -> addReads(node, names));
    body.getOutputList().forEach(output -> names.add(output.getName()));
  }

  /** The node with values under other names, inside its bodies too. */
  public static NodeProto renamed(NodeProto node, Map<String, String> names) {
    boolean bodies = hasBodies(node);
    boolean concerned =
        bodies
            || node.getInputList().stream().anyMatch(names::containsKey)
            || node.getOutputList().stream().anyMatch(names::containsKey);
    if (!concerned) {
      return node;
    }
    NodeProto.Builder changed = node.toBuilder();
    // Names of nodes must be unique as well, and many exporters call nodes after their output.
    if (node.getOutputList().contains(node.getName())) {
      changed.setName(names.getOrDefault(node.getName(), node.getName()));
    }
    for (int i = 0; i < node.getInputCount(); i++) {
      changed.setInput(i, names.getOrDefault(node.getInput(i), node.getInput(i)));
    }
    for (int i = 0; i < node.getOutputCount(); i++) {
      changed.setOutput(i, names.getOrDefault(node.getOutput(i), node.getOutput(i)));
    }
    for (int i = 0; i < node.getAttributeCount(); i++) {
      AttributeProto.Builder attribute = changed.getAttributeBuilder(i);
      if (attribute.hasG()) {
        attribute.setG(renamed(attribute.getG(), names));
      }
      for (int g = 0; g < attribute.getGraphsCount(); g++) {
        attribute.setGraphs(g, renamed(attribute.getGraphs(g), names));
      }
    }
    return changed.build();
  }

  private static GraphProto renamed(GraphProto body, Map<String, String> names) {
    GraphProto.Builder changed = body.toBuilder();
    for (int i = 0; i < body.getNodeCount(); i++) {
      changed.setNode(i, renamed(body.getNode(i), names));
    }
    for (int i = 0; i < body.getOutputCount(); i++) {
      ValueInfoProto output = body.getOutput(i);
      String name = names.getOrDefault(output.getName(), output.getName());
      changed.setOutput(i, output.toBuilder().setName(name));
    }
    return changed.build();
  }

  /** Whether a node holds graphs of its own, as branches and loops do. */
  public static boolean hasBodies(NodeProto node) {
    return node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0);
  }

  /** A node as messages call it. */
  public static String label(NodeProto node) {
    return node.getName().isEmpty()
        ? node.getOpType() + (node.getOutputCount() == 0 ? "" : " of " + node.getOutput(0))
        : node.getName();
  }
}
