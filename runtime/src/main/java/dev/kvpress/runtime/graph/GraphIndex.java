package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who writes and who reads each value of a graph, and which values are constants. */
public final class GraphIndex {
  private static final int MOST_COPIES = 8;

  private final GraphProto graph;
  private final Map<String, NodeProto> writers = new HashMap<>();
  private final Map<String, List<NodeProto>> readers = new HashMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, Integer> types = new HashMap<>();

  /** Looks at a graph once. */
  public GraphIndex(ModelProto model) {
    graph = model.getGraph();
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(output -> writers.put(output, node));
      for (String input : GraphValues.reads(node)) {
        readers.computeIfAbsent(input, k -> new ArrayList<>()).add(node);
      }
    }
    graph.getInitializerList().forEach(t -> constants.put(t.getName(), t));
    graph.getValueInfoList().forEach(this::addType);
    graph.getInputList().forEach(this::addType);
    graph.getOutputList().forEach(this::addType);
  }

  private void addType(ValueInfoProto info) {
    types.put(info.getName(), info.getType().getTensorType().getElemType());
  }

  /** ONNX number of the type of a value, where the file tells it. */
  public Optional<Integer> typeOf(String value) {
    return Optional.ofNullable(types.get(value)).filter(type -> type > 0);
  }

  /** The nodes in their order. */
  public List<NodeProto> nodes() {
    return graph.getNodeList();
  }

  /** The node that computes a value; null for inputs, constants and names that nobody knows. */
  public @Nullable NodeProto writer(String value) {
    return writers.get(value);
  }

  /** The nodes that read a value, one that reads it twice being there twice. */
  public List<NodeProto> readers(String value) {
    return readers.getOrDefault(value, List.of());
  }

  /** The tensor that a value always is; empty where it is computed from inputs. */
  public Optional<TensorProto> constant(String value) {
    String name = value;
    for (int i = 0; i < MOST_COPIES; i++) {
      TensorProto tensor = constants.get(name);
      if (tensor != null) {
        return Optional.of(tensor);
      }
      NodeProto writer = writers.get(name);
      if (writer == null) {
        return Optional.empty();
      }
      if (writer.getOpType().equals("Constant")) {
        return held(writer);
      }
      if (!writer.getOpType().equals("Identity")) {
        return Optional.empty();
      }
      name = writer.getInput(0);
    }
    return Optional.empty();
  }

  private static Optional<TensorProto> held(NodeProto constant) {
    for (AttributeProto attribute : constant.getAttributeList()) {
      switch (attribute.getName()) {
        case "value" -> {
          return Optional.of(attribute.getT());
        }
        case "value_int" -> {
          return Optional.of(Constants.longs(false, List.of(attribute.getI())));
        }
        case "value_ints" -> {
          return Optional.of(Constants.longs(true, attribute.getIntsList()));
        }
        case "value_float" -> {
          return Optional.of(Constants.floats(false, List.of(attribute.getF())));
        }
        case "value_floats" -> {
          return Optional.of(Constants.floats(true, attribute.getFloatsList()));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  /** The integers that a value always holds, a scalar as one of them; empty where it varies. */
  public Optional<long[]> integers(String value) {
    return constant(value).flatMap(Constants::integers);
  }

  /** The single number that a value always is, whatever its shape; empty otherwise. */
  public Optional<Double> number(String value) {
    return constant(value).flatMap(Constants::number);
  }
}
