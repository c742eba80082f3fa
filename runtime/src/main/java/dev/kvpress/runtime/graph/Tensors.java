package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The constants of a model, those of its nodes and of bodies included. */
public final class Tensors {
  /** Bits of an element by the number of its type in ONNX files. */
  private static final Map<Integer, Integer> BITS =
      Map.ofEntries(
          Map.entry(1, 32),
          Map.entry(2, 8),
          Map.entry(3, 8),
          Map.entry(4, 16),
          Map.entry(5, 16),
          Map.entry(6, 32),
          Map.entry(7, 64),
          Map.entry(9, 8),
          Map.entry(10, 16),
          Map.entry(11, 64),
          Map.entry(12, 32),
          Map.entry(13, 64),
          Map.entry(14, 64),
          Map.entry(15, 128),
          Map.entry(16, 16),
          Map.entry(17, 8),
          Map.entry(18, 8),
          Map.entry(19, 8),
          Map.entry(20, 8),
          Map.entry(21, 4),
          Map.entry(22, 4),
          Map.entry(23, 4));

  private Tensors() {}

  /** All constants. */
  public static List<TensorProto> of(ModelProto model) {
    List<TensorProto> tensors = new ArrayList<>();
    add(model.getGraph(), tensors);
    return tensors;
  }

  private static void add(GraphProto graph, List<TensorProto> tensors) {
    tensors.addAll(graph.getInitializerList());
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasT()) {
          tensors.add(attribute.getT());
        }
        if (attribute.hasG()) {
          add(attribute.getG(), tensors);
        }
        attribute.getGraphsList().forEach(body -> add(body, tensors));
      }
    }
  }

  /** The initializers of a model and of the bodies in it. */
  public static List<TensorProto> initializers(ModelProto model) {
    List<TensorProto> tensors = new ArrayList<>();
    addInitializers(model.getGraph(), tensors);
    return tensors;
  }

  private static void addInitializers(GraphProto graph, List<TensorProto> tensors) {
    tensors.addAll(graph.getInitializerList());
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          addInitializers(attribute.getG(), tensors);
        }
        attribute.getGraphsList().forEach(body -> addInitializers(body, tensors));
      }
    }
  }

  /** The model with each constant replaced. */
  public static ModelProto mapped(ModelProto model, UnaryOperator<TensorProto> change) {
    return model.toBuilder().setGraph(mapped(model.getGraph(), change)).build();
  }

  private static GraphProto mapped(GraphProto graph, UnaryOperator<TensorProto> change) {
    GraphProto.Builder changed = graph.toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      changed.setInitializer(i, change.apply(graph.getInitializer(i)));
    }
    for (int n = 0; n < graph.getNodeCount(); n++) {
      NodeProto node = graph.getNode(n);
      for (int a = 0; a < node.getAttributeCount(); a++) {
        AttributeProto attribute = node.getAttribute(a);
        if (attribute.hasT() || attribute.hasG() || attribute.getGraphsCount() > 0) {
          changed.getNodeBuilder(n).setAttribute(a, mapped(attribute, change));
        }
      }
    }
    return changed.build();
  }

  private static AttributeProto mapped(
      AttributeProto attribute, UnaryOperator<TensorProto> change) {
    AttributeProto.Builder changed = attribute.toBuilder();
    if (attribute.hasT()) {
      changed.setT(change.apply(attribute.getT()));
    }
    if (attribute.hasG()) {
      changed.setG(mapped(attribute.getG(), change));
    }
    for (int i = 0; i < attribute.getGraphsCount(); i++) {
      changed.setGraphs(i, mapped(attribute.getGraphs(i), change));
    }
    return changed.build();
  }

  /**
   * Bytes that the numbers of a tensor take; −1 for types whose size is not known.
   *
   * @throws ModelException if its shape is none
   */
  public static long bytes(TensorProto tensor) {
    Integer bits = BITS.get(tensor.getDataType());
    long elements = 1;
    try {
      for (long size : tensor.getDimsList()) {
        if (size < 0) {
          throw new ModelException(
              "initializer %s: sizes must not be negative, found %s"
                  .formatted(tensor.getName(), tensor.getDimsList()));
        }
        elements = Math.multiplyExact(elements, size);
      }
      return bits == null
          ? -1
          : Math.addExact(Math.multiplyExact(elements, bits.longValue()), 7) / 8;
    } catch (ArithmeticException e) {
      throw new ModelException(
          "initializer %s: no memory holds a tensor of shape %s"
              .formatted(tensor.getName(), tensor.getDimsList()),
          e);
    }
  }
}
