package dev.kvpress.runtime.export.weights;

import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;

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
  public void write(Numbers numbers, List<WritableByteChannel> regions) throws IOException {
    numbers.copyTo(regions.get(0));
  }
}
