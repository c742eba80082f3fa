package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.presses.signal.FloatTensor;
import java.nio.file.Path;

/** A matrix that a graph holds, inside or in a file beside it, in any form. */
public interface ConstantMatrix {

  /** How many rows it has. */
  long rows();

  /** How many columns it has. */
  long columns();

  /**
   * Reads its numbers.
   *
   * @param folder what references to external data are relative to
   * @return {@code [rows, columns]}
   * @throws dev.kvpress.runtime.ModelException if the data cannot be read
   */
  FloatTensor read(Path folder);

  /** The same with rows and columns in each other's place. */
  default ConstantMatrix turned() {
    return new TurnedMatrix(this);
  }
}
