package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.kernels.OperatorKernels.Refusal;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Goes through a graph and the bodies within it, telling the types of values from node to node. */
final class GraphWalk {
  /** Takes what is to be said of nodes. */
  interface Finder {
    /** There is no kernel for a node. */
    void found(String operator, String node, String reason);

    /** There is one, which needs cuDNN. */
    void needsCudnn(String operator);
  }

  private final KernelTable table;
  private final GraphProto graph;
  private final Map<String, Long> opsets = new HashMap<>();

  GraphWalk(KernelTable table, ModelProto model) {
    this.table = table;
    this.graph = model.getGraph();
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      opsets.put(domain(opset.getDomain()), opset.getVersion());
    }
  }

  private static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }

  void walk(Finder finder) {
    walk(graph, new ValueTypes(graph, null), finder);
  }

  private void walk(GraphProto part, ValueTypes types, Finder finder) {
    for (NodeProto node : part.getNodeList()) {
      // The engine makes a constant of the graph out of it, on whatever device.
      if (node.getOpType().equals("Constant")) {
        types.put(node.getOutput(0), NodeTypes.ofConstant(node));
        continue;
      }
      judge(node, types)
          .ifPresentOrElse(
              reason -> finder.found(title(node), GraphValues.label(node), reason),
              () -> {
                if (table
                    .find(domain(node.getDomain()), node.getOpType())
                    .orElseThrow()
                    .needsCudnn()) {
                  finder.needsCudnn(title(node));
                }
              });
      enter(node, types, finder);
    }
  }

  private static String title(NodeProto node) {
    String domain = domain(node.getDomain());
    return domain.isEmpty() ? node.getOpType() : domain + "." + node.getOpType();
  }

  /** Why a node has no kernel; what it gives is known afterwards, where it can be. */
  private Optional<String> judge(NodeProto node, ValueTypes types) {
    String domain = domain(node.getDomain());
    Optional<OperatorKernels> known = table.find(domain, node.getOpType());
    if (known.isEmpty()) {
      return Optional.of("no CUDA kernel of that name is known");
    }
    OperatorKernels operator = known.get();
    Map<String, List<String>> bound = new LinkedHashMap<>();
    for (int i = 0; i < node.getInputCount(); i++) {
      bind(bound, operator.input(i), types.of(node.getInput(i)));
    }
    Optional<String> unknown = outputs(node, operator, bound, types);
    long opset = opsets.getOrDefault(domain, 1L);
    return refused(node, operator).or(() -> operator.refusal(opset, bound)).or(() -> unknown);
  }

  private static void bind(Map<String, List<String>> bound, String formal, Optional<String> type) {
    if (OperatorKernels.isVariable(formal)) {
      type.ifPresent(t -> bound.computeIfAbsent(formal, none -> new ArrayList<>()).add(t));
    }
  }

  /** Tells the types of what a node gives; says so where a type cannot be told. */
  private static Optional<String> outputs(
      NodeProto node, OperatorKernels operator, Map<String, List<String>> bound, ValueTypes types) {
    Optional<String> unknown = Optional.empty();
    for (int i = 0; i < node.getOutputCount(); i++) {
      String name = node.getOutput(i);
      if (name.isEmpty()) {
        continue;
      }
      String formal = operator.output(i);
      Optional<String> type = types.of(name);
      if (type.isEmpty() && !NodeTypes.hasBodies(node)) {
        type = NodeTypes.of(node, formal, bound);
      }
      types.put(name, type);
      bind(bound, formal, type);
      if (type.isEmpty() && !NodeTypes.hasBodies(node) && !followsUnknown(node, types)) {
        unknown = Optional.of("the element type of its output %s cannot be told".formatted(name));
      }
    }
    return unknown;
  }

  /** Whether what a node gives is unknown since what it reads is, which was told before. */
  private static boolean followsUnknown(NodeProto node, ValueTypes types) {
    return node.getInputList().stream()
        .anyMatch(name -> !name.isEmpty() && types.of(name).isEmpty());
  }

  private static Optional<String> refused(NodeProto node, OperatorKernels operator) {
    for (Refusal refusal : operator.refusals()) {
      List<String> names = refusal.output() ? node.getOutputList() : node.getInputList();
      if (names.size() > refusal.index() && !names.get(refusal.index()).isEmpty()) {
        return Optional.of("its CUDA kernel refuses %s".formatted(refusal.name()));
      }
    }
    return Optional.empty();
  }

  private void enter(NodeProto node, ValueTypes types, Finder finder) {
    for (AttributeProto attribute : node.getAttributeList()) {
      List<GraphProto> bodies = new ArrayList<>(attribute.getGraphsList());
      if (attribute.hasG()) {
        bodies.add(attribute.getG());
      }
      for (GraphProto body : bodies) {
        ValueTypes inside = new ValueTypes(body, types);
        NodeTypes.passIn(node, body, types, inside);
        walk(body, inside, finder);
        NodeTypes.passOut(node, body, types, inside);
      }
    }
  }
}
