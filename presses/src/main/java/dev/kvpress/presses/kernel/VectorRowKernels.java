package dev.kvpress.presses.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels of {@link VectorKernels} that run along one row; long methods for the same reason.
 */
final class VectorRowKernels {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private VectorRowKernels() {}

  /** Eight vectors at once, then one by one. */
  static float max(float[] numbers, int count) {
    int length = FLOATS.length();
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    FloatVector m4 = m0;
    FloatVector m5 = m0;
    FloatVector m6 = m0;
    FloatVector m7 = m0;
    int i = 0;
    for (; i + 8 * length <= count; i += 8 * length) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, numbers, i));
      m1 = m1.max(FloatVector.fromArray(FLOATS, numbers, i + length));
      m2 = m2.max(FloatVector.fromArray(FLOATS, numbers, i + 2 * length));
      m3 = m3.max(FloatVector.fromArray(FLOATS, numbers, i + 3 * length));
      m4 = m4.max(FloatVector.fromArray(FLOATS, numbers, i + 4 * length));
      m5 = m5.max(FloatVector.fromArray(FLOATS, numbers, i + 5 * length));
      m6 = m6.max(FloatVector.fromArray(FLOATS, numbers, i + 6 * length));
      m7 = m7.max(FloatVector.fromArray(FLOATS, numbers, i + 7 * length));
    }
    for (; i + length <= count; i += length) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, numbers, i));
    }
    m0 = m0.max(m1).max(m2.max(m3));
    m4 = m4.max(m5).max(m6.max(m7));
    float most = m0.max(m4).reduceLanes(VectorOperators.MAX);
    return Math.max(most, Vectors.max(numbers, i, count));
  }
}
