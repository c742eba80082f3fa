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

  /** Two vectors at once, operation by operation as {@link Exponential#of}. */
  static void exponentials(float[] numbers, int count, float less) {
    int step = 2 * FLOATS.length();
    int full = count - count % step;
    for (int i = 0; i < full; i += step) {
      FloatVector a = FloatVector.fromArray(FLOATS, numbers, i).sub(less);
      FloatVector aShifted = a.mul(Exponential.PER_LN2).add(Exponential.ROUNDING);
      FloatVector aWhole = aShifted.sub(Exponential.ROUNDING);
      FloatVector aRest =
          a.sub(aWhole.mul(Exponential.LN2_HIGH)).sub(aWhole.mul(Exponential.LN2_LOW));
      FloatVector aPower = aRest.mul(Exponential.C7).add(Exponential.C6);
      aPower = aPower.mul(aRest).add(Exponential.C5);
      aPower = aPower.mul(aRest).add(Exponential.C4);
      aPower = aPower.mul(aRest).add(Exponential.C3);
      aPower = aPower.mul(aRest).add(Exponential.C2);
      aPower = aPower.mul(aRest.mul(aRest)).add(aRest).add(1);
      aPower =
          aPower.mul(
              aShifted
                  .reinterpretAsInts()
                  .lanewise(VectorOperators.LSHL, Exponential.FRACTION_BITS)
                  .add(Exponential.ONE_BITS)
                  .reinterpretAsFloats());
      aPower
          .blend(0, a.compare(VectorOperators.LT, Exponential.LOWEST))
          .blend(Float.POSITIVE_INFINITY, a.compare(VectorOperators.GT, Exponential.HIGHEST))
          .intoArray(numbers, i);
      FloatVector b = FloatVector.fromArray(FLOATS, numbers, i + FLOATS.length()).sub(less);
      FloatVector bShifted = b.mul(Exponential.PER_LN2).add(Exponential.ROUNDING);
      FloatVector bWhole = bShifted.sub(Exponential.ROUNDING);
      FloatVector bRest =
          b.sub(bWhole.mul(Exponential.LN2_HIGH)).sub(bWhole.mul(Exponential.LN2_LOW));
      FloatVector bPower = bRest.mul(Exponential.C7).add(Exponential.C6);
      bPower = bPower.mul(bRest).add(Exponential.C5);
      bPower = bPower.mul(bRest).add(Exponential.C4);
      bPower = bPower.mul(bRest).add(Exponential.C3);
      bPower = bPower.mul(bRest).add(Exponential.C2);
      bPower = bPower.mul(bRest.mul(bRest)).add(bRest).add(1);
      bPower =
          bPower.mul(
              bShifted
                  .reinterpretAsInts()
                  .lanewise(VectorOperators.LSHL, Exponential.FRACTION_BITS)
                  .add(Exponential.ONE_BITS)
                  .reinterpretAsFloats());
      bPower
          .blend(0, b.compare(VectorOperators.LT, Exponential.LOWEST))
          .blend(Float.POSITIVE_INFINITY, b.compare(VectorOperators.GT, Exponential.HIGHEST))
          .intoArray(numbers, i + FLOATS.length());
    }
    PlainKernels.exponentials(numbers, full, count, less);
  }
}
