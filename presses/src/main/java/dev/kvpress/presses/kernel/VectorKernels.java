package dev.kvpress.presses.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels out of vector instructions. Products take four or eight rows and two vectors of
 * columns at once, which keeps their sums in registers; remainders go the way of {@link
 * PlainKernels}.
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

  /** Rows of a tile where there are registers for 16 sums, which is sure of 512 bits only. */
  private static final int TALL_ROWS = 8;

  private static final boolean TALL = FLOATS.vectorBitSize() >= 512;

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
    int tallRows = TALL ? rows - rows % TALL_ROWS : 0;
    for (int j = 0; j < fullColumns; j += step) {
      for (int i = 0; i < tallRows; i += TALL_ROWS) {
        addTallTile(left, i, from, right, into, j);
      }
      for (int i = tallRows; i < fullRows; i += ROWS) {
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

  /** As {@link #addTile(float[][], int, int, float[][], float[][], int)} with eight rows. */
  private static void addTallTile(
      float[][] left, int i, int from, float[][] right, float[][] into, int j) {
    float[] into0 = into[i];
    float[] into1 = into[i + 1];
    float[] into2 = into[i + 2];
    float[] into3 = into[i + 3];
    float[] into4 = into[i + 4];
    float[] into5 = into[i + 5];
    float[] into6 = into[i + 6];
    float[] into7 = into[i + 7];
    float[] left0 = left[i];
    float[] left1 = left[i + 1];
    float[] left2 = left[i + 2];
    float[] left3 = left[i + 3];
    float[] left4 = left[i + 4];
    float[] left5 = left[i + 5];
    float[] left6 = left[i + 6];
    float[] left7 = left[i + 7];
    int next = j + FLOATS.length();
    FloatVector a0 = FloatVector.fromArray(FLOATS, into0, j);
    FloatVector a1 = FloatVector.fromArray(FLOATS, into1, j);
    FloatVector a2 = FloatVector.fromArray(FLOATS, into2, j);
    FloatVector a3 = FloatVector.fromArray(FLOATS, into3, j);
    FloatVector a4 = FloatVector.fromArray(FLOATS, into4, j);
    FloatVector a5 = FloatVector.fromArray(FLOATS, into5, j);
    FloatVector a6 = FloatVector.fromArray(FLOATS, into6, j);
    FloatVector a7 = FloatVector.fromArray(FLOATS, into7, j);
    FloatVector b0 = FloatVector.fromArray(FLOATS, into0, next);
    FloatVector b1 = FloatVector.fromArray(FLOATS, into1, next);
    FloatVector b2 = FloatVector.fromArray(FLOATS, into2, next);
    FloatVector b3 = FloatVector.fromArray(FLOATS, into3, next);
    FloatVector b4 = FloatVector.fromArray(FLOATS, into4, next);
    FloatVector b5 = FloatVector.fromArray(FLOATS, into5, next);
    FloatVector b6 = FloatVector.fromArray(FLOATS, into6, next);
    FloatVector b7 = FloatVector.fromArray(FLOATS, into7, next);
    for (int k = 0; k < right.length; k++) {
      float[] row = right[k];
      FloatVector a = FloatVector.fromArray(FLOATS, row, j);
      FloatVector b = FloatVector.fromArray(FLOATS, row, next);
      FloatVector weight = FloatVector.broadcast(FLOATS, left0[from + k]);
      a0 = a0.add(a.mul(weight));
      b0 = b0.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left1[from + k]);
      a1 = a1.add(a.mul(weight));
      b1 = b1.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left2[from + k]);
      a2 = a2.add(a.mul(weight));
      b2 = b2.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left3[from + k]);
      a3 = a3.add(a.mul(weight));
      b3 = b3.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left4[from + k]);
      a4 = a4.add(a.mul(weight));
      b4 = b4.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left5[from + k]);
      a5 = a5.add(a.mul(weight));
      b5 = b5.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left6[from + k]);
      a6 = a6.add(a.mul(weight));
      b6 = b6.add(b.mul(weight));
      weight = FloatVector.broadcast(FLOATS, left7[from + k]);
      a7 = a7.add(a.mul(weight));
      b7 = b7.add(b.mul(weight));
    }
    a0.intoArray(into0, j);
    a1.intoArray(into1, j);
    a2.intoArray(into2, j);
    a3.intoArray(into3, j);
    a4.intoArray(into4, j);
    a5.intoArray(into5, j);
    a6.intoArray(into6, j);
    a7.intoArray(into7, j);
    b0.intoArray(into0, next);
    b1.intoArray(into1, next);
    b2.intoArray(into2, next);
    b3.intoArray(into3, next);
    b4.intoArray(into4, next);
    b5.intoArray(into5, next);
    b6.intoArray(into6, next);
    b7.intoArray(into7, next);
  }

  @Override
  public float max(float[] numbers, int count) {
    return VectorRowKernels.max(numbers, count);
  }

  @Override
  public void exponentials(float[] numbers, int count, float less) {
    VectorRowKernels.exponentials(numbers, count, less);
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    int step = 2 * DOUBLES.length();
    int fullColumns = columns - columns % step;
    int fullRows = rows - rows % ROWS;
    int tallRows = TALL ? rows - rows % TALL_ROWS : 0;
    for (int j = 0; j < fullColumns; j += step) {
      for (int i = 0; i < tallRows; i += TALL_ROWS) {
        addTallTile(left, i, from, right, into, j);
      }
      for (int i = tallRows; i < fullRows; i += ROWS) {
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

  /** As {@link #addTile(float[][], int, int, float[][], float[][], int)} with eight rows. */
  private static void addTallTile(
      double[][] left, int i, int from, double[][] right, double[][] into, int j) {
    double[] into0 = into[i];
    double[] into1 = into[i + 1];
    double[] into2 = into[i + 2];
    double[] into3 = into[i + 3];
    double[] into4 = into[i + 4];
    double[] into5 = into[i + 5];
    double[] into6 = into[i + 6];
    double[] into7 = into[i + 7];
    double[] left0 = left[i];
    double[] left1 = left[i + 1];
    double[] left2 = left[i + 2];
    double[] left3 = left[i + 3];
    double[] left4 = left[i + 4];
    double[] left5 = left[i + 5];
    double[] left6 = left[i + 6];
    double[] left7 = left[i + 7];
    int next = j + DOUBLES.length();
    DoubleVector a0 = DoubleVector.fromArray(DOUBLES, into0, j);
    DoubleVector a1 = DoubleVector.fromArray(DOUBLES, into1, j);
    DoubleVector a2 = DoubleVector.fromArray(DOUBLES, into2, j);
    DoubleVector a3 = DoubleVector.fromArray(DOUBLES, into3, j);
    DoubleVector a4 = DoubleVector.fromArray(DOUBLES, into4, j);
    DoubleVector a5 = DoubleVector.fromArray(DOUBLES, into5, j);
    DoubleVector a6 = DoubleVector.fromArray(DOUBLES, into6, j);
    DoubleVector a7 = DoubleVector.fromArray(DOUBLES, into7, j);
    DoubleVector b0 = DoubleVector.fromArray(DOUBLES, into0, next);
    DoubleVector b1 = DoubleVector.fromArray(DOUBLES, into1, next);
    DoubleVector b2 = DoubleVector.fromArray(DOUBLES, into2, next);
    DoubleVector b3 = DoubleVector.fromArray(DOUBLES, into3, next);
    DoubleVector b4 = DoubleVector.fromArray(DOUBLES, into4, next);
    DoubleVector b5 = DoubleVector.fromArray(DOUBLES, into5, next);
    DoubleVector b6 = DoubleVector.fromArray(DOUBLES, into6, next);
    DoubleVector b7 = DoubleVector.fromArray(DOUBLES, into7, next);
    for (int k = 0; k < right.length; k++) {
      double[] row = right[k];
      DoubleVector a = DoubleVector.fromArray(DOUBLES, row, j);
      DoubleVector b = DoubleVector.fromArray(DOUBLES, row, next);
      DoubleVector weight = DoubleVector.broadcast(DOUBLES, left0[from + k]);
      a0 = a0.add(a.mul(weight));
      b0 = b0.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left1[from + k]);
      a1 = a1.add(a.mul(weight));
      b1 = b1.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left2[from + k]);
      a2 = a2.add(a.mul(weight));
      b2 = b2.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left3[from + k]);
      a3 = a3.add(a.mul(weight));
      b3 = b3.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left4[from + k]);
      a4 = a4.add(a.mul(weight));
      b4 = b4.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left5[from + k]);
      a5 = a5.add(a.mul(weight));
      b5 = b5.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left6[from + k]);
      a6 = a6.add(a.mul(weight));
      b6 = b6.add(b.mul(weight));
      weight = DoubleVector.broadcast(DOUBLES, left7[from + k]);
      a7 = a7.add(a.mul(weight));
      b7 = b7.add(b.mul(weight));
    }
    a0.intoArray(into0, j);
    a1.intoArray(into1, j);
    a2.intoArray(into2, j);
    a3.intoArray(into3, j);
    a4.intoArray(into4, j);
    a5.intoArray(into5, j);
    a6.intoArray(into6, j);
    a7.intoArray(into7, j);
    b0.intoArray(into0, next);
    b1.intoArray(into1, next);
    b2.intoArray(into2, next);
    b3.intoArray(into3, next);
    b4.intoArray(into4, next);
    b5.intoArray(into5, next);
    b6.intoArray(into6, next);
    b7.intoArray(into7, next);
  }
}
