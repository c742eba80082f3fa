package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What must hold of a graph before anybody looks around in it: each value is written once, what is
 * read is written somewhere, nothing depends on itself, and constants have a size. An engine says
 * so too, but only when it loads the graph, and of the graph that we have made of it.
 */
final class GraphChecks {
  /** Field of constants that are mostly zero, which our schema leaves out. */
  private static final int SPARSE_INITIALIZER = 15;

  private GraphChecks() {}

  /**
   * Checks a graph.
   *
   * @param place its file, for messages
   * @throws ModelException naming what is wrong
   */
  static void check(String place, ModelProto model) {
    GraphProto graph = model.getGraph();
    Set<String> constants = new HashSet<>();
    for (TensorProto constant : graph.getInitializerList()) {
      if (!constants.add(constant.getName())) {
        throw new ModelException(
            "%s: initializer %s stands there twice".formatted(place, constant.getName()));
      }
    }
    try {
      Tensors.of(model).forEach(Tensors::bytes);
    } catch (ModelException e) {
      throw new ModelException(place + ": " + e.getMessage(), e);
    }
    Set<String> known = new HashSet<>(constants);
    Set<String> inputs = new HashSet<>();
    for (ValueInfoProto input : graph.getInputList()) {
      known.add(input.getName());
      if (!inputs.add(input.getName())) {
        throw new ModelException(
            "%s: input %s is declared twice".formatted(place, input.getName()));
      }
    }
    Map<String, NodeProto> writers = new HashMap<>();
    for (NodeProto node : graph.getNodeList()) {
      for (String output : node.getOutputList()) {
        NodeProto before = output.isEmpty() ? null : writers.put(output, node);
        if (before != null || (!output.isEmpty() && known.contains(output))) {
          throw new ModelException(
              "%s: value %s is written twice, by node %s and by %s"
                  .formatted(
                      place,
                      output,
                      GraphValues.label(node),
                      before == null ? "an input or constant" : GraphValues.label(before)));
        }
      }
    }
    known.addAll(writers.keySet());
    boolean allNamed = !graph.getUnknownFields().hasField(SPARSE_INITIALIZER);
    for (NodeProto node : graph.getNodeList()) {
      for (String input : node.getInputList()) {
        if (allNamed && !input.isEmpty() && !known.contains(input)) {
          throw new ModelException(
              "%s: node %s reads %s, which nothing writes"
                  .formatted(place, GraphValues.label(node), input));
        }
      }
    }
    Set<String> outputs = new HashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!known.contains(output.getName())) {
        throw new ModelException(
            "%s: output %s is written by nothing".formatted(place, output.getName()));
      }
      if (!outputs.add(output.getName())) {
        throw new ModelException(
            "%s: output %s is declared twice".formatted(place, output.getName()));
      }
    }
    try {
      new GraphEdit(model).requireNoCycle();
    } catch (ModelException e) {
      throw new ModelException(place + ": " + e.getMessage(), e);
    }
  }
}
