package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/**
 * A graph being changed: nodes in any order until {@link #build} drops dead ones and sorts the
 * rest.
 */
public final class GraphEdit {
  /**
   * Follows the name of an input or output of the graph whose name now belongs to another form of
   * it.
   */
  public static final String AS_WRITTEN = ".as_written";

  /** Follows the name of a value that a node was put behind. */
  static final String UNTAPPED = ".untapped";

  private static final byte OPEN = 1;
  private static final byte DONE = 2;

  private final ModelProto original;
  private final List<NodeProto> nodes;
  private final List<TensorProto> initializers;
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
  private final List<ValueInfoProto> inner;
  private final GraphBuilder added = new GraphBuilder();
  private final Map<String, Long> domains = new LinkedHashMap<>();

  /** Starts from a model, which stays as it is. */
  public GraphEdit(ModelProto model) {
    original = model;
    GraphProto graph = model.getGraph();
    nodes = new ArrayList<>(graph.getNodeList());
    initializers = new ArrayList<>(graph.getInitializerList());
    inner = new ArrayList<>(graph.getValueInfoList());
    graph.getInputList().forEach(i -> inputs.put(i.getName(), i));
    graph.getOutputList().forEach(o -> outputs.put(o.getName(), o));
  }

  /**
   * Where new nodes and constants go. Its constants share names with those of our exporter, whose
   * content they then have.
   */
  public GraphBuilder added() {
    return added;
  }

  /** Nodes as they are now, those of {@link #added} left out. */
  public List<NodeProto> nodes() {
    return List.copyOf(nodes);
  }

  /** Version of the standard operators. */
  public long opset() {
    return original.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToLong(OperatorSetIdProto::getVersion)
        .max()
        .orElse(1);
  }

  /** Makes operators of a further set known; of one that the graph knows its version stays. */
  void domain(String name, long version) {
    boolean known =
        original.getOpsetImportList().stream().anyMatch(set -> set.getDomain().equals(name));
    if (!known) {
      domains.put(name, version);
    }
  }

  /** Takes an input away; somebody must write its value then. */
  public void removeInput(String name) {
    inputs.remove(name);
  }

  /** Adds an input, or declares an existing one anew; a dimension is a number or a symbol. */
  public void input(String name, ElementType type, Object... dims) {
    inputs.put(name, GraphBuilder.valueInfo(name, type, dims));
  }

  /** Takes an output away. */
  public void removeOutput(String name) {
    outputs.remove(name);
  }

  /** Adds an output, or declares an existing one anew. */
  public void output(String name, ElementType type, Object... dims) {
    outputs.put(name, GraphBuilder.valueInfo(name, type, dims));
  }

  /** Adds an output that is described already. */
  void output(ValueInfoProto output) {
    outputs.put(output.getName(), output);
  }

  /** Names of the sizes of an input or output, axis by axis; empty where one has none. */
  public List<String> sizeNames(String port) {
    ValueInfoProto info = inputs.containsKey(port) ? inputs.get(port) : outputs.get(port);
    return info == null ? List.of() : OpenSizes.names(info);
  }

  /**
   * Renames the open sizes of all inputs, outputs and inner values so far.
   *
   * @param renamed gives by value and name another name, an empty one for none
   */
  public void renameSizes(BinaryOperator<String> renamed) {
    inputs.replaceAll((name, info) -> OpenSizes.renamed(info, renamed));
    outputs.replaceAll((name, info) -> OpenSizes.renamed(info, renamed));
    inner.replaceAll(info -> OpenSizes.renamed(info, renamed));
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
  public String interpose(String value) {
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
    removeWaits();
    nodes.replaceAll(TapSites::quiet);
    // What only a signal needed goes; what the exporter wrote for taps stays, though nothing reads
    // it.
    Set<NodeProto> alive = new HashSet<>(sorted());
    nodes.removeIf(node -> !alive.contains(node) && !OwnGraph.isExported(node.getOutput(0)));
  }

  /** Gives values that a node was put behind their names back. */
  void removeWaits() {
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
      nodes.set(i, node);
    }
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

  /** Lets the node that computes a value read another one at a place. */
  public void setInput(String output, int input, String value) {
    NodeProto node = producer(output);
    replace(node, node.toBuilder().setInput(input, value).build());
  }

  /** Gives a value another name wherever a node writes or reads it, bodies included. */
  public void rename(String value, String name) {
    nodes.replaceAll(node -> GraphValues.renamed(node, Map.of(value, name)));
  }

  /** Puts nodes and constants in the place of one node. */
  public void replace(NodeProto node, List<NodeProto> others, List<TensorProto> constants) {
    int index = nodes.indexOf(node);
    nodes.remove(index);
    nodes.addAll(index, others);
    initializers.addAll(constants);
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

  /** Takes a node away; somebody must write its outputs then, where they are read. */
  public void remove(NodeProto node) {
    nodes.remove(node);
  }

  /** Replaces a node by a changed one. */
  public void replace(NodeProto node, NodeProto changed) {
    nodes.set(nodes.indexOf(node), changed);
  }

  /**
   * The changed model: only nodes that some output needs, in topological order, and only constants
   * that some node reads.
   */
  public ModelProto build() {
    addNodes();
    Set<String> known = new HashSet<>();
    initializers.forEach(t -> known.add(t.getName()));
    for (TensorProto tensor : added.initializers()) {
      if (known.add(tensor.getName())) {
        initializers.add(tensor);
      }
    }
    List<NodeProto> sorted = sorted();
    Set<String> read = new HashSet<>(outputs.keySet());
    sorted.forEach(node -> read.addAll(GraphValues.reads(node)));
    GraphProto.Builder graph = original.getGraph().toBuilder();
    graph.clearNode().clearInitializer().clearInput().clearOutput().clearValueInfo();
    graph
        .addAllValueInfo(inner)
        .addAllNode(sorted)
        .addAllInput(inputs.values())
        .addAllOutput(outputs.values());
    for (TensorProto tensor : initializers) {
      if (read.contains(tensor.getName()) || inputs.containsKey(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    ModelProto.Builder model = original.toBuilder().setGraph(graph);
    domains.forEach(
        (name, version) ->
            model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(name).setVersion(version)));
    return model.build();
  }

  /**
   * Looks for a cycle among nodes that some output needs.
   *
   * @throws ModelException naming a node of it
   */
  void requireNoCycle() {
    sorted();
  }

  private void addNodes() {
    Set<String> names = new HashSet<>();
    nodes.forEach(node -> names.add(node.getName()));
    Map<String, TensorProto> constants = new HashMap<>();
    added.initializers().forEach(t -> constants.put(t.getName(), t));
    for (NodeProto written : added.nodes()) {
      NodeProto node = OpsetForm.fit(written, opset(), constants);
      String name = node.getName();
      while (!names.add(name)) {
        name = name + ".added";
      }
      nodes.add(name.equals(node.getName()) ? node : node.toBuilder().setName(name).build());
    }
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
      GraphValues.reads(nodes.get(last)).forEach(name -> mark(name, producers, needed, open));
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

  /** Depth first with a stack of its own, since chains may be longer than that of the thread. */
  private void visit(
      int start, Map<String, Integer> producers, byte[] state, List<NodeProto> sorted) {
    Deque<Visit> open = new ArrayDeque<>();
    open.push(new Visit(start, GraphValues.reads(nodes.get(start)).iterator()));
    while (!open.isEmpty()) {
      Visit top = open.peek();
      if (state[top.node] == DONE || !top.inputs.hasNext()) {
        if (state[top.node] != DONE) {
          state[top.node] = DONE;
          sorted.add(nodes.get(top.node));
        }
        open.pop();
        continue;
      }
      state[top.node] = OPEN;
      Integer producer = producers.get(top.inputs.next());
      if (producer == null || state[producer] == DONE) {
        continue;
      }
      if (state[producer] == OPEN) {
        throw new ModelException(
            "the graph has a cycle through node " + GraphValues.label(nodes.get(producer)));
      }
      open.push(new Visit(producer, GraphValues.reads(nodes.get(producer)).iterator()));
    }
  }

  /** A node whose inputs are being looked at. */
  private record Visit(int node, Iterator<String> inputs) {}
}
