package dev.kvpress.presses.kernel;

/**
 * The kernels as loops. Where a loop runs along whole arrays from their start the virtual machine
 * turns it into vector instructions by itself; where it adds up one number it may not, since that
 * would change the order of additions.
 */
final class PlainKernels implements KernelSet {
  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 7 < length; i += 8) {
      s0 += a[aFrom + i] * b[bFrom + i];
      s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
      s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
      s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
      s4 += a[aFrom + i + 4] * b[bFrom + i + 4];
      s5 += a[aFrom + i + 5] * b[bFrom + i + 5];
      s6 += a[aFrom + i + 6] * b[bFrom + i + 6];
      s7 += a[aFrom + i + 7] * b[bFrom + i + 7];
    }
    for (; i < length; i++) {
      s0 += a[aFrom + i] * b[bFrom + i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  @Override
  public float sum(float[] numbers, int length) {
    float[] sums = new float[8];
    int i = 0;
    for (; i + 7 < length; i += 8) {
      for (int lane = 0; lane < 8; lane++) {
        sums[lane] += numbers[i + lane];
      }
    }
    for (; i < length; i++) {
      sums[0] += numbers[i];
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3]))
        + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }

  @Override
  public float max(float[] numbers, int length) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, numbers[i]);
    }
    return max;
  }

  @Override
  public void exponentials(float[] numbers, int length, float offset) {
    for (int i = 0; i < length; i++) {
      numbers[i] = Exponential.of(numbers[i] - offset);
    }
  }

  @Override
  public void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < right.length; k++) {
        addScaled(left[i][from + k], right[k], into[i], 0, columns);
      }
    }
  }

  /** {@code into[j] += weight * row[j]} for {@code start <= j < end}. */
  static void addScaled(float weight, float[] row, float[] into, int start, int end) {
    for (int j = start; j < end; j++) {
      into[j] += weight * row[j];
    }
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < right.length; k++) {
        addScaled(left[i][from + k], right[k], into[i], 0, columns);
      }
    }
  }

  /** As {@link #addScaled(float, float[], float[], int, int)}. */
  static void addScaled(double weight, double[] row, double[] into, int start, int end) {
    for (int j = start; j < end; j++) {
      into[j] += weight * row[j];
    }
  }
}
