package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorShapeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Inputs and outputs of a graph with their types and shapes, in the order of the file. */
final class PortList {
  /** A dimension that the graph leaves open. */
  static final long OPEN = -1;

  private final String place;
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();

  /**
   * Looks at a graph.
   *
   * @param place its file, for messages
   */
  PortList(String place, ModelProto model) {
    this.place = place;
    GraphProto graph = model.getGraph();
    Set<String> constants = new HashSet<>();
    for (TensorProto constant : graph.getInitializerList()) {
      constants.add(constant.getName());
    }
    for (ValueInfoProto input : graph.getInputList()) {
      // Graphs of IR 3 list their constants among the inputs.
      if (!constants.contains(input.getName())) {
        inputs.put(input.getName(), input);
      }
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      outputs.put(output.getName(), output);
    }
  }

  String place() {
    return place;
  }

  Set<String> inputs() {
    return inputs.keySet();
  }

  Set<String> outputs() {
    return outputs.keySet();
  }

  boolean hasInput(String name) {
    return inputs.containsKey(name);
  }

  boolean hasOutput(String name) {
    return outputs.containsKey(name);
  }

  /** Type of an input or output. */
  ElementType type(String name) {
    int number = info(name).getType().getTensorType().getElemType();
    return ElementType.ofOnnx(number)
        .orElseThrow(
            () ->
                new ModelException(
                    "%s: %s %s has an element type that is not supported (ONNX type %d)"
                        .formatted(place, hasInput(name) ? "input" : "output", name, number)));
  }

  /** Number of the type in ONNX files; 0 where the graph does not say. */
  int typeNumber(String name) {
    return info(name).getType().getTensorType().getElemType();
  }

  /** Shape of an input or output, {@link #OPEN} for dimensions that are not fixed. */
  List<Long> shape(String name) {
    List<Long> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dim :
        info(name).getType().getTensorType().getShape().getDimList()) {
      shape.add(dim.hasDimValue() ? dim.getDimValue() : OPEN);
    }
    return shape;
  }

  /** Shape of an input or output as it was declared: numbers, and names of open dimensions. */
  List<Object> dims(String name) {
    List<Object> dims = new ArrayList<>();
    for (TensorShapeProto.Dimension dim :
        info(name).getType().getTensorType().getShape().getDimList()) {
      dims.add(dim.hasDimValue() ? (Object) dim.getDimValue() : symbol(dim, name, dims.size()));
    }
    return dims;
  }

  private static String symbol(TensorShapeProto.Dimension dim, String name, int axis) {
    return dim.getDimParam().isEmpty() ? name + "_" + axis : dim.getDimParam();
  }

  /** Whether the graph declares a shape at all. */
  boolean hasShape(String name) {
    return info(name).getType().getTensorType().hasShape();
  }

  private ValueInfoProto info(String name) {
    ValueInfoProto info = inputs.containsKey(name) ? inputs.get(name) : outputs.get(name);
    if (info == null) {
      throw new IllegalArgumentException("neither input nor output: " + name);
    }
    return info;
  }
}
