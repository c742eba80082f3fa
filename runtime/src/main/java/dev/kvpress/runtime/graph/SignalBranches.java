package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Adds signals to a graph for use by other programs: inputs, outputs and every node that computes
 * them stay as they are, and signals are branches beside them. A fused operator goes on computing
 * its result, and only its attention is computed a second time in standard operators, so that no
 * number changes.
 */
public final class SignalBranches {
  /** Names of the plain form of an input or output, which keeps its own name for itself. */
  private static final String PLAIN = ".as_plain";

  private static final List<String> WINDOWED =
      List.of(SignalNames.ROWS, SignalNames.QUERIES, SignalNames.QUERIES_PRE_ROPE);

  private final GraphEdit edit;
  private final Map<String, NodeProto> tapped = new LinkedHashMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Set<String> known = new HashSet<>();
  private final Set<NodeProto> written = new HashSet<>();

  private SignalBranches(ModelProto found, ModelProto tappedModel) {
    edit = new GraphEdit(found);
    GraphProto graph = found.getGraph();
    graph.getInputList().forEach(input -> known.add(input.getName()));
    graph.getInitializerList().forEach(constant -> known.add(constant.getName()));
    graph.getNodeList().forEach(node -> known.addAll(node.getOutputList()));
    GraphProto other = tappedModel.getGraph();
    Map<String, String> plain = plainNames(other);
    for (NodeProto node : other.getNodeList()) {
      NodeProto renamed = GraphValues.renamed(node, plain);
      renamed.getOutputList().forEach(output -> tapped.put(output, renamed));
    }
    other.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
  }

  /** The form that a graph was given at its border must not be taken for the one it came with. */
  private static Map<String, String> plainNames(GraphProto graph) {
    Map<String, String> plain = new HashMap<>();
    Stream<String> inputs = graph.getInputList().stream().map(ValueInfoProto::getName);
    Stream<String> outputs = graph.getNodeList().stream().flatMap(n -> n.getOutputList().stream());
    Set<String> all = new HashSet<>();
    Stream.concat(inputs, outputs).forEach(all::add);
    for (NodeProto node : graph.getNodeList()) {
      Stream.concat(node.getInputList().stream(), node.getOutputList().stream())
          .filter(name -> name.endsWith(GraphEdit.AS_WRITTEN))
          .forEach(
              name -> {
                String own = name.substring(0, name.length() - GraphEdit.AS_WRITTEN.length());
                plain.put(name, own);
                plain.put(own, own + PLAIN);
              });
    }
    plain.keySet().removeIf(name -> !all.contains(name));
    return plain;
  }

  /**
   * Adds signals.
   *
   * @param graph any decoder graph; not changed
   * @return the model with one more output for each signal and layer, behind those it had
   * @throws IllegalArgumentException if the graph cannot give a signal; {@link
   *     DecoderGraph#signals()} says so beforehand
   * @throws ModelException if the graph has such a signal already, but of some last queries only
   */
  public static ModelProto add(DecoderGraph graph, TapRequest request) {
    TappedGraph tapped = GraphTap.tap(graph, request);
    SignalBranches branches = new SignalBranches(graph.found(), tapped.model());
    Map<String, ValueInfoProto> outputs = new HashMap<>();
    tapped.model().getGraph().getOutputList().forEach(o -> outputs.put(o.getName(), o));
    for (LayerPorts layer : tapped.ports().layers()) {
      for (String signal : layer.signals().names()) {
        if (branches.isMissing(signal, graph)) {
          branches.write(signal);
          branches.edit.output(requireNonNull(outputs.get(signal)));
        }
      }
    }
    branches.waits();
    return branches.edit.build();
  }

  /** Whether a signal has still to be added; one that the graph gives by itself stays as it is. */
  private boolean isMissing(String signal, DecoderGraph graph) {
    boolean windowed = WINDOWED.stream().anyMatch(signal::startsWith);
    if (known.contains(signal) && (windowed || !edit.hasOutput(signal))) {
      throw new ModelException(
          "%s: the graph has a value %s already, perhaps of other queries; tap the graph that it was made from"
              .formatted(graph.file(), signal));
    }
    return !known.contains(signal);
  }

  /** Writes all nodes that a value needs and that the graph does not have. */
  private void write(String signal) {
    Deque<String> open = new ArrayDeque<>(List.of(signal));
    while (!open.isEmpty()) {
      String value = open.pop();
      if (known.contains(value)) {
        continue;
      }
      TensorProto constant = constants.get(value);
      NodeProto node = tapped.get(value);
      if (constant != null) {
        edit.added().initializer(constant);
      } else if (node == null) {
        throw new ModelException(
            "signal %s needs the input %s, which the graph does not have; it takes that in another form"
                .formatted(signal, value));
      } else if (written.add(node)) {
        edit.added().add(besideTheOther(node));
        GraphValues.reads(node).forEach(open::push);
      }
    }
  }

  /** A node of which the graph computes a part as well writes that part under other names. */
  private NodeProto besideTheOther(NodeProto node) {
    Map<String, String> again = new HashMap<>();
    for (String output : node.getOutputList()) {
      if (known.contains(output)) {
        again.put(output, output + ".again");
      }
    }
    return again.isEmpty() ? node : GraphValues.renamed(node, again);
  }

  /**
   * What a layer goes on with waits for its signals, so that a softmax need not be kept until the
   * end of the pass.
   */
  private void waits() {
    for (Map.Entry<String, NodeProto> entry : List.copyOf(tapped.entrySet())) {
      String value = entry.getKey();
      String inner = value + GraphEdit.UNTAPPED;
      NodeProto node = entry.getValue();
      boolean isWait = node.getInputList().contains(inner) && !known.contains(inner);
      if (isWait && edit.produces(value) && written.add(node)) {
        edit.interpose(value);
        edit.added().add(node);
        known.add(inner);
        node.getInputList().forEach(this::write);
      }
    }
  }
}
