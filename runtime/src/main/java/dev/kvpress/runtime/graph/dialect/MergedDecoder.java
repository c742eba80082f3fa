package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Two decoders in one graph, one with and one without a past, and an input {@code use_cache_branch}
 * that says which: the merged decoders of Optimum. The one with a past takes the place of both,
 * where its attention can be tapped.
 */
final class MergedDecoder implements Dialect {
  static final String INPUT = "use_cache_branch";

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    if (!ports.hasInput(INPUT)) {
      return Optional.empty();
    }
    int found = 0;
    // Inlined bodies may hold further branches.
    for (Optional<NodeProto> branch = branch(edit); branch.isPresent(); branch = branch(edit)) {
      inline(ports, edit, branch.get());
      found++;
    }
    if (found == 0) {
      throw new ModelException(
          "%s: input %s decides nothing: no If reads it".formatted(ports.place(), INPUT));
    }
    edit.removeInput(INPUT);
    Border.constant(edit, INPUT, ports.type(INPUT), ports.shape(INPUT), 1);
    return Optional.of(
        "two decoders merged by use_cache_branch, of which the one with a past runs");
  }

  private static Optional<NodeProto> branch(GraphEdit edit) {
    Map<String, NodeProto> writers = new HashMap<>();
    for (NodeProto node : edit.nodes()) {
      node.getOutputList().forEach(output -> writers.put(output, node));
    }
    return edit.nodes().stream()
        .filter(node -> node.getOpType().equals("If") && node.getInputCount() == 1)
        .filter(node -> isTheInput(node.getInput(0), writers))
        .findFirst();
  }

  /** Whether a condition is the input itself, perhaps in another shape. */
  private static boolean isTheInput(String condition, Map<String, NodeProto> writers) {
    Set<String> shapes = Set.of("Reshape", "Squeeze", "Identity", "Cast", "Gather", "Flatten");
    String value = condition;
    for (int steps = 0; steps < 8 && !value.equals(INPUT); steps++) {
      NodeProto writer = writers.get(value);
      if (writer == null || !shapes.contains(writer.getOpType())) {
        return false;
      }
      value = writer.getInput(0);
    }
    return value.equals(INPUT);
  }

  private static void inline(PortList ports, GraphEdit edit, NodeProto branch) {
    GraphProto body =
        branch.getAttributeList().stream()
            .filter(attribute -> attribute.getName().equals("then_branch"))
            .map(AttributeProto::getG)
            .findFirst()
            .orElseThrow(() -> new ModelException(ports.place() + ": an If has no then_branch"));
    if (body.getOutputCount() != branch.getOutputCount()) {
      throw new ModelException(
          "%s: the body of an If gives %d values, expected %d"
              .formatted(ports.place(), body.getOutputCount(), branch.getOutputCount()));
    }
    Set<String> written = new HashSet<>();
    body.getNodeList().forEach(node -> written.addAll(node.getOutputList()));
    requireNewNames(ports, edit, branch, written);
    Map<String, String> names = new HashMap<>();
    List<NodeProto> copies = new ArrayList<>();
    for (int i = 0; i < branch.getOutputCount(); i++) {
      ValueInfoProto inside = body.getOutput(i);
      String outside = branch.getOutput(i);
      if (outside.isEmpty()) {
        continue;
      }
      boolean free = written.contains(inside.getName()) && !names.containsKey(inside.getName());
      if (free) {
        names.put(inside.getName(), outside);
      } else {
        copies.add(copy(names.getOrDefault(inside.getName(), inside.getName()), outside));
      }
    }
    List<NodeProto> nodes = new ArrayList<>();
    body.getNodeList().forEach(node -> nodes.add(GraphValues.renamed(node, names)));
    nodes.addAll(copies);
    edit.replace(branch, nodes, body.getInitializerList());
  }

  private static NodeProto copy(String value, String name) {
    return NodeProto.newBuilder()
        .setName(name)
        .setOpType("Identity")
        .addInput(value)
        .addOutput(name)
        .build();
  }

  private static void requireNewNames(
      PortList ports, GraphEdit edit, NodeProto branch, Set<String> written) {
    for (NodeProto node : edit.nodes()) {
      for (String output : node.getOutputList()) {
        if (written.contains(output) && !branch.getOutputList().contains(output)) {
          throw new ModelException(
              "%s: value %s stands in the graph and in the body of an If"
                  .formatted(ports.place(), output));
        }
      }
    }
  }
}
