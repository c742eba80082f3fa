package dev.kvpress.runtime.export.packed;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.export.weights.TensorSpec;

/**
 * Sizes of a packed matrix.
 *
 * @param outputs vectors
 * @param inputs numbers of each
 * @param bits of a number
 * @param groupSize inputs of one scale; the last group may have fewer
 */
record MatrixShape(int outputs, int inputs, int bits, int groupSize) {
  MatrixShape {
    checkArgument(outputs >= 1 && inputs >= 1, "found a matrix of %s by %s", outputs, inputs);
    checkArgument(bits >= 1 && bits <= 8, "bits must be in [1, 8], found %s", bits);
    checkArgument(groupSize >= 1, "groups must not be empty, found %s", groupSize);
  }

  /**
   * That of a weight {@code [out,in]}.
   *
   * @param groupSize −1 for one group of all inputs
   */
  static MatrixShape of(TensorSpec weight, int bits, int groupSize) {
    int outputs = Math.toIntExact(weight.shape().get(0));
    int inputs = Math.toIntExact(weight.shape().get(1));
    return new MatrixShape(outputs, inputs, bits, groupSize == -1 ? inputs : groupSize);
  }

  int groups() {
    return (inputs + groupSize - 1) / groupSize;
  }
}
