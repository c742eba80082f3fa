package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import java.nio.file.Path;

/** A matrix whose rows and columns change places before it is used. */
record TurnedMatrix(ConstantMatrix stored) implements ConstantMatrix {

  @Override
  public long rows() {
    return stored.columns();
  }

  @Override
  public long columns() {
    return stored.rows();
  }

  @Override
  public ConstantMatrix turned() {
    return stored;
  }

  @Override
  public FloatTensor read(Path folder) {
    FloatTensor data = stored.read(folder);
    int rows = data.size(0);
    int columns = data.size(1);
    float[] turned = new float[Math.multiplyExact(rows, columns)];
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      data.read(r * columns, row, columns);
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = row[c];
      }
    }
    return FloatTensor.of(turned, columns, rows);
  }
}
