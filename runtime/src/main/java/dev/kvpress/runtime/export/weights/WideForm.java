package dev.kvpress.runtime.export.weights;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A weight as float32, under its own name. */
record WideForm(TensorSpec spec) implements WeightForm {

  @Override
  public List<StoredTensor> tensors() {
    return List.of(new StoredTensor(spec.name(), DataType.FLOAT, spec.shape(), 0));
  }

  @Override
  public List<Long> regionBytes() {
    return List.of(spec.elements() * Float.BYTES);
  }

  @Override
  public void product(
      GraphBuilder graph, String output, String x, boolean turned, @Nullable String bias) {
    WeightForm.gemm(graph, output, x, spec.name(), turned, bias);
  }

  @Override
  public void pieces(GraphBuilder graph, String output, String indices) {
    graph.op("Gather", output, spec.name(), indices);
  }

  @Override
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    numbers.copyTo(regions.get(0));
  }
}
