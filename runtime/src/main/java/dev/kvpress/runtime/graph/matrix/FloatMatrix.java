package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.TensorProto;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * A matrix of floats.
 *
 * @param tensor of rank 2, in one of the formats of {@link TensorNumbers#isFloat}
 */
record FloatMatrix(TensorProto tensor) implements ConstantMatrix {

  @Override
  public long rows() {
    return tensor.getDims(0);
  }

  @Override
  public long columns() {
    return tensor.getDims(1);
  }

  /** Numbers that lie in a file as they are wanted are mapped and not copied. */
  @Override
  public FloatTensor read(Path folder) {
    FloatBuffer data = new TensorNumbers(tensor, folder).floats();
    if (data.capacity() < rows() * columns()) {
      throw new ModelException(
          "initializer %s: expected %d numbers, found %d"
              .formatted(tensor.getName(), rows() * columns(), data.capacity()));
    }
    return new FloatTensor(data, Math.toIntExact(rows()), Math.toIntExact(columns()));
  }
}
