package dev.kvpress.runtime.export.weights;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * A weight as IEEE 754 binary16, widened by a Cast under its own name. ONNX Runtime carries the
 * Cast out once, when it loads the graph.
 */
record HalfForm(TensorSpec spec) implements WeightForm {
  private static final int FLOAT = DataType.FLOAT.getNumber();

  @Override
  public List<StoredTensor> tensors() {
    return List.of(new StoredTensor(stored(), DataType.FLOAT16, spec.shape(), 0));
  }

  private String stored() {
    return spec.name() + ".half";
  }

  @Override
  public List<Long> regionBytes() {
    return List.of(spec.elements() * Short.BYTES);
  }

  @Override
  public void prepare(GraphBuilder graph) {
    graph.op("Cast", spec.name(), List.of(attribute("to", FLOAT)), stored());
  }

  @Override
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    try (HalfEncoder encoder = new HalfEncoder(spec.name(), regions.get(0), false)) {
      numbers.copyTo(encoder);
    }
  }
}
