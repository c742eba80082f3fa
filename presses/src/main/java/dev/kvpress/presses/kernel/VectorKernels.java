package dev.kvpress.presses.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels out of vector instructions. Products take four rows and two vectors of columns at
 * once, which keeps their sums in registers; remainders go the way of {@link PlainKernels}.
 *
 * <p>The loops with vectors in them are long methods on purpose: the just-in-time compiler does not
 * put such into their callers, where it would run out of its budget halfway and leave calls and
 * objects in place of instructions.
 *
 * <p>Compiled against an incubating module, which is why {@link KernelChoice} loads this class by
 * name and checks it.
 */
final class VectorKernels implements KernelSet {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int ROWS = 4;

  @Override
  public String description() {
    return "jdk.incubator.vector, %d bits".formatted(FLOATS.vectorBitSize());
  }

  @Override
  public void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    int step = 2 * FLOATS.length();
    int fullColumns = columns - columns % step;
    int fullRows = rows - rows % ROWS;
    for (int j = 0; j < fullColumns; j += step) {
      for (int i = 0; i < fullRows; i += ROWS) {
        addTile(left, i, from, right, into, j);
      }
    }
    for (int i = 0; i < rows; i++) {
      PlainKernels.addRow(left[i], from, right, into[i], i < fullRows ? fullColumns : 0, columns);
    }
  }

  /** Four rows of the product from row {@code i} on, two vectors from column {@code j} on. */
  private static void addTile(
      float[][] left, int i, int from, float[][] right, float[][] into, int j) {
    float[] into0 = into[i];
    float[] into1 = into[i + 1];
    float[] into2 = into[i + 2];
    float[] into3 = into[i + 3];
    int next = j + FLOATS.length();
    FloatVector a0 = FloatVector.fromArray(FLOATS, into0, j);
    FloatVector a1 = FloatVector.fromArray(FLOATS, into1, j);
    FloatVector a2 = FloatVector.fromArray(FLOATS, into2, j);
    FloatVector a3 = FloatVector.fromArray(FLOATS, into3, j);
    FloatVector b0 = FloatVector.fromArray(FLOATS, into0, next);
    FloatVector b1 = FloatVector.fromArray(FLOATS, into1, next);
    FloatVector b2 = FloatVector.fromArray(FLOATS, into2, next);
    FloatVector b3 = FloatVector.fromArray(FLOATS, into3, next);
    for (int k = 0; k < right.length; k++) {
      FloatVector a = FloatVector.fromArray(FLOATS, right[k], j);
      FloatVector b = FloatVector.fromArray(FLOATS, right[k], next);
      FloatVector weight = FloatVector.broadcast(FLOATS, left[i][from + k]);
      a0 = a0.add(a.mul(weight));
      b0 = b0.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left[i + 1][from + k]);
      a1 = a1.add(a.mul(weight));
      b1 = b1.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left[i + 2][from + k]);
      a2 = a2.add(a.mul(weight));
      b2 = b2.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left[i + 3][from + k]);
      a3 = a3.add(a.mul(weight));
      b3 = b3.add(b.mul(weight));
    }
    a0.intoArray(into0, j);
    a1.intoArray(into1, j);
    a2.intoArray(into2, j);
    a3.intoArray(into3, j);
    b0.intoArray(into0, next);
    b1.intoArray(into1, next);
    b2.intoArray(into2, next);
    b3.intoArray(into3, next);
  }

  /** Eight vectors at once, then one by one. */
  @Override
  public float max(float[] numbers, int count) {
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

  /** The steps of {@link Exponential#of}, one by one. */
  @Override
  public void exponentials(float[] numbers, int count, float less) {
    int length = FLOATS.length();
    int i = 0;
    for (; i + length <= count; i += length) {
      FloatVector x = FloatVector.fromArray(FLOATS, numbers, i).sub(less);
      FloatVector shifted = x.mul(Exponential.PER_LN2).add(Exponential.ROUNDING);
      FloatVector n = shifted.sub(Exponential.ROUNDING);
      FloatVector r = x.sub(n.mul(Exponential.LN2_HIGH)).sub(n.mul(Exponential.LN2_LOW));
      FloatVector p = r.mul(Exponential.C7).add(Exponential.C6);
      p = p.mul(r).add(Exponential.C5);
      p = p.mul(r).add(Exponential.C4);
      p = p.mul(r).add(Exponential.C3);
      p = p.mul(r).add(Exponential.C2);
      FloatVector scale =
          shifted
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.FRACTION_BITS)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      p.mul(r.mul(r))
          .add(r)
          .add(1)
          .mul(scale)
          .blend(0, x.compare(VectorOperators.LT, Exponential.LOWEST))
          .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, Exponential.HIGHEST))
          .intoArray(numbers, i);
    }
    PlainKernels.exponentials(numbers, i, count, less);
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    int step = 2 * DOUBLES.length();
    int fullColumns = columns - columns % step;
    int fullRows = rows - rows % ROWS;
    for (int j = 0; j < fullColumns; j += step) {
      for (int i = 0; i < fullRows; i += ROWS) {
        addTile(left, i, from, right, into, j);
      }
    }
    for (int i = 0; i < rows; i++) {
      PlainKernels.addRow(left[i], from, right, into[i], i < fullRows ? fullColumns : 0, columns);
    }
  }

  /** As {@link #addTile(float[][], int, int, float[][], float[][], int)}. */
  private static void addTile(
      double[][] left, int i, int from, double[][] right, double[][] into, int j) {
    double[] into0 = into[i];
    double[] into1 = into[i + 1];
    double[] into2 = into[i + 2];
    double[] into3 = into[i + 3];
    int next = j + DOUBLES.length();
    DoubleVector a0 = DoubleVector.fromArray(DOUBLES, into0, j);
    DoubleVector a1 = DoubleVector.fromArray(DOUBLES, into1, j);
    DoubleVector a2 = DoubleVector.fromArray(DOUBLES, into2, j);
    DoubleVector a3 = DoubleVector.fromArray(DOUBLES, into3, j);
    DoubleVector b0 = DoubleVector.fromArray(DOUBLES, into0, next);
    DoubleVector b1 = DoubleVector.fromArray(DOUBLES, into1, next);
    DoubleVector b2 = DoubleVector.fromArray(DOUBLES, into2, next);
    DoubleVector b3 = DoubleVector.fromArray(DOUBLES, into3, next);
    for (int k = 0; k < right.length; k++) {
      DoubleVector a = DoubleVector.fromArray(DOUBLES, right[k], j);
      DoubleVector b = DoubleVector.fromArray(DOUBLES, right[k], next);
      DoubleVector weight = DoubleVector.broadcast(DOUBLES, left[i][from + k]);
      a0 = a0.add(a.mul(weight));
      b0 = b0.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left[i + 1][from + k]);
      a1 = a1.add(a.mul(weight));
      b1 = b1.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left[i + 2][from + k]);
      a2 = a2.add(a.mul(weight));
      b2 = b2.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left[i + 3][from + k]);
      a3 = a3.add(a.mul(weight));
      b3 = b3.add(b.mul(weight));
    }
    a0.intoArray(into0, j);
    a1.intoArray(into1, j);
    a2.intoArray(into2, j);
    a3.intoArray(into3, j);
    b0.intoArray(into0, next);
    b1.intoArray(into1, next);
    b2.intoArray(into2, next);
    b3.intoArray(into3, next);
  }
}
