package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import dev.kvpress.runtime.onnx.TypeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps an engine that rearranges quantized weights from rearranging those of float32 as well, for
 * each session in memory of its own. There is one switch for both; but a constant that is also
 * declared as an input could be fed, so that the engine leaves it as it lies in the file.
 */
public final class SharedProducts {
  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "FusedMatMul");

  /** Smaller ones are not worth that the engine no longer sees a constant. */
  private static final long LEAST_BYTES = 1 << 20;

  private SharedProducts() {}

  /** The model with large float32 weights of products, where they lie in files, as inputs too. */
  public static ModelProto declared(ModelProto model) {
    Set<String> weights = new HashSet<>();
    add(model.getGraph(), weights);
    Set<String> inputs = new HashSet<>();
    model.getGraph().getInputList().forEach(input -> inputs.add(input.getName()));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (weights.contains(tensor.getName())
          && tensor.getDataType() == DataType.FLOAT_VALUE
          && ExternalData.isExternal(tensor)
          && Tensors.bytes(tensor) >= LEAST_BYTES
          && inputs.add(tensor.getName())) {
        graph.addInput(input(tensor));
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static void add(GraphProto graph, Set<String> weights) {
    for (NodeProto node : graph.getNodeList()) {
      if (PRODUCTS.contains(node.getOpType()) && node.getInputCount() > 1) {
        weights.add(node.getInput(1));
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          add(attribute.getG(), weights);
        }
        attribute.getGraphsList().forEach(body -> add(body, weights));
      }
    }
  }

  private static ValueInfoProto input(TensorProto tensor) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getTensorTypeBuilder().setElemType(tensor.getDataType());
    for (long size : tensor.getDimsList()) {
      type.getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimValue(size);
    }
    return ValueInfoProto.newBuilder().setName(tensor.getName()).setType(type).build();
  }
}
