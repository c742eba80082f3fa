package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph being changed: nodes in any order until {@link #build} drops dead ones and sorts the
 * rest.
 */
final class GraphEdit {
  private static final String UNTAPPED = ".untapped";

  private final ModelProto original;
  private final List<NodeProto> nodes;
  private final List<TensorProto> initializers;
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
  private final GraphBuilder added = new GraphBuilder();

  GraphEdit(ModelProto model) {
    original = model;
    GraphProto graph = model.getGraph();
    nodes = new ArrayList<>(graph.getNodeList());
    initializers = new ArrayList<>(graph.getInitializerList());
    graph.getInputList().forEach(i -> inputs.put(i.getName(), i));
    graph.getOutputList().forEach(o -> outputs.put(o.getName(), o));
  }

  /**
   * Where new nodes and constants go. Its constants share names with those of our exporter, whose
   * content they then have.
   */
  GraphBuilder added() {
    return added;
  }

  void removeInput(String name) {
    inputs.remove(name);
  }

  void removeOutput(String name) {
    outputs.remove(name);
  }

  /** Adds an output, or declares an existing one anew. */
  void output(String name, ElementType type, Object... dims) {
    outputs.put(name, GraphBuilder.valueInfo(name, type, dims));
  }

  boolean hasOutput(String name) {
    return outputs.containsKey(name);
  }

  /**
   * Lets a new node stand between a value and all its readers.
   *
   * @return the name under which the value itself is now known; the caller writes a node that
   *     produces the old name
   */
  String interpose(String value) {
    String inner = value + UNTAPPED;
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto node = nodes.get(i);
      int index = node.getOutputList().indexOf(value);
      if (index >= 0) {
        nodes.set(i, renamed(node, index, inner));
        return inner;
      }
    }
    throw new IllegalStateException("no node produces " + value);
  }

  /**
   * Takes out what {@link #interpose} put in when this graph was tapped before, so that tapping
   * anew starts from the graph itself.
   */
  void untap() {
    Set<String> tapped = new HashSet<>();
    for (NodeProto node : nodes) {
      for (String output : node.getOutputList()) {
        if (output.endsWith(UNTAPPED)) {
          tapped.add(output.substring(0, output.length() - UNTAPPED.length()));
        }
      }
    }
    nodes.removeIf(node -> node.getOutputList().stream().anyMatch(tapped::contains));
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto node = nodes.get(i);
      for (int k = 0; k < node.getOutputCount(); k++) {
        String output = node.getOutput(k);
        if (output.endsWith(UNTAPPED)) {
          node = renamed(node, k, output.substring(0, output.length() - UNTAPPED.length()));
        }
      }
      nodes.set(i, TapSites.quiet(node));
    }
    // What only a signal needed goes; what the exporter wrote for taps stays, though nothing reads
    // it.
    Set<NodeProto> alive = new HashSet<>(sorted());
    nodes.removeIf(node -> !alive.contains(node) && !OwnGraph.isExported(node.getOutput(0)));
  }

  /** Names of nodes must be unique as well, and our own exporter calls nodes after their output. */
  private static NodeProto renamed(NodeProto node, int index, String output) {
    NodeProto.Builder changed = node.toBuilder().setOutput(index, output);
    if (node.getName().equals(node.getOutput(index))) {
      changed.setName(output);
    }
    return changed.build();
  }

  /** Removes the node that produces a value and lets its readers read another one. */
  void bypass(String value, String replacement) {
    nodes.removeIf(node -> node.getOutputList().contains(value));
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto node = nodes.get(i);
      int index = node.getInputList().indexOf(value);
      if (index >= 0) {
        nodes.set(i, node.toBuilder().setInput(index, replacement).build());
      }
    }
  }

  /** Whether some node of the original graph produces a value. */
  boolean produces(String value) {
    return nodes.stream().anyMatch(node -> node.getOutputList().contains(value));
  }

  /** The node that produces a value. */
  NodeProto producer(String value) {
    return nodes.stream()
        .filter(node -> node.getOutputList().contains(value))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no node produces " + value));
  }

  /** Replaces a node by a changed one. */
  void replace(NodeProto node, NodeProto changed) {
    nodes.set(nodes.indexOf(node), changed);
  }

  /**
   * The changed model: only nodes that some output needs, in topological order, and only constants
   * that some node reads.
   */
  ModelProto build() {
    nodes.addAll(added.nodes());
    Set<String> known = new HashSet<>();
    initializers.forEach(t -> known.add(t.getName()));
    for (TensorProto tensor : added.initializers()) {
      if (known.add(tensor.getName())) {
        initializers.add(tensor);
      }
    }
    List<NodeProto> sorted = sorted();
    Set<String> read = new HashSet<>(outputs.keySet());
    sorted.forEach(node -> read.addAll(reads(node)));
    GraphProto.Builder graph = original.getGraph().toBuilder();
    graph.clearNode().clearInitializer().clearInput().clearOutput();
    graph.addAllNode(sorted).addAllInput(inputs.values()).addAllOutput(outputs.values());
    for (TensorProto tensor : initializers) {
      if (read.contains(tensor.getName()) || inputs.containsKey(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    return original.toBuilder().setGraph(graph).build();
  }

  /**
   * Depth first from the outputs, which leaves dead nodes out; original order wherever it is
   * possible.
   */
  private List<NodeProto> sorted() {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        producers.put(output, i);
      }
    }
    boolean[] needed = new boolean[nodes.size()];
    List<Integer> open = new ArrayList<>();
    outputs.keySet().forEach(name -> mark(name, producers, needed, open));
    while (!open.isEmpty()) {
      int last = open.remove(open.size() - 1);
      reads(nodes.get(last)).forEach(name -> mark(name, producers, needed, open));
    }
    byte[] state = new byte[nodes.size()];
    List<NodeProto> sorted = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      if (needed[i]) {
        visit(i, producers, state, sorted);
      }
    }
    return sorted;
  }

  private static void mark(
      String name, Map<String, Integer> producers, boolean[] needed, List<Integer> open) {
    Integer producer = producers.get(name);
    if (producer != null && !needed[producer]) {
      needed[producer] = true;
      open.add(producer);
    }
  }

  private void visit(
      int index, Map<String, Integer> producers, byte[] state, List<NodeProto> sorted) {
    if (state[index] == 2) {
      return;
    }
    if (state[index] == 1) {
      throw new ModelException("the graph has a cycle through node " + nodes.get(index).getName());
    }
    state[index] = 1;
    for (String name : reads(nodes.get(index))) {
      Integer producer = producers.get(name);
      if (producer != null) {
        visit(producer, producers, state, sorted);
      }
    }
    state[index] = 2;
    sorted.add(nodes.get(index));
  }

  /** Values a node reads, those read inside its bodies included. */
  static List<String> reads(NodeProto node) {
    List<String> names = new ArrayList<>();
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
    return names;
  }

  private static void addBody(GraphProto body, List<String> names) {
    body.getNodeList().forEach(node -> names.addAll(reads(node)));
    body.getOutputList().forEach(output -> names.add(output.getName()));
  }
}
