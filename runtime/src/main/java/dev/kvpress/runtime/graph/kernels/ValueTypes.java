package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Element types of values by name, those of the graphs around included. */
final class ValueTypes {
  private final Map<String, String> types = new HashMap<>();
  private final @Nullable ValueTypes outer;

  /** What a graph itself declares. */
  ValueTypes(GraphProto graph, @Nullable ValueTypes outer) {
    this.outer = outer;
    graph.getInputList().forEach(this::declare);
    graph.getOutputList().forEach(this::declare);
    graph.getValueInfoList().forEach(this::declare);
    graph
        .getInitializerList()
        .forEach(tensor -> put(tensor.getName(), ElementNames.of(tensor.getDataType())));
  }

  private void declare(ValueInfoProto value) {
    put(value.getName(), ElementNames.of(value.getType().getTensorType().getElemType()));
  }

  void put(String name, Optional<String> type) {
    type.ifPresent(known -> types.put(name, known));
  }

  Optional<String> of(String name) {
    String own = types.get(name);
    if (own != null) {
      return Optional.of(own);
    }
    return outer == null ? Optional.empty() : outer.of(name);
  }
}
