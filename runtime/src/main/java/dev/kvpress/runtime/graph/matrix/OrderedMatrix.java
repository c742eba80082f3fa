package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * A matrix whose inputs are brought into another order before it is used.
 *
 * @param stored its columns in that order
 * @param order int64 {@code [columns]}, which input each column belongs to
 */
record OrderedMatrix(ConstantMatrix stored, TensorProto order) implements ConstantMatrix {

  @Override
  public long rows() {
    return stored.rows();
  }

  @Override
  public long columns() {
    return stored.columns();
  }

  @Override
  public FloatTensor read(Path folder) {
    FloatTensor data = stored.read(folder);
    int rows = data.size(0);
    int columns = data.size(1);
    int[] inputs = inputs(folder, columns);
    float[] sorted = new float[Math.multiplyExact(rows, columns)];
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      data.read(r * columns, row, columns);
      for (int c = 0; c < columns; c++) {
        sorted[r * columns + inputs[c]] = row[c];
      }
    }
    return FloatTensor.of(sorted, rows, columns);
  }

  private int[] inputs(Path folder, int columns) {
    ByteBuffer bytes =
        new TensorNumbers(order, folder).bytes(Long.BYTES, (long) columns * Long.BYTES);
    int[] inputs = new int[columns];
    BitSet seen = new BitSet(columns);
    for (int c = 0; c < columns; c++) {
      long input = bytes.getLong(c * Long.BYTES);
      if (input < 0 || input >= columns || seen.get((int) input)) {
        throw new ModelException(
            "initializer %s: expected every number of [0, %d] once, found %d at %d"
                .formatted(order.getName(), columns - 1, input, c));
      }
      seen.set((int) input);
      inputs[c] = (int) input;
    }
    return inputs;
  }
}
