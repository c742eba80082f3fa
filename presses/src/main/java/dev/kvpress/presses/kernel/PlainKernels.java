package dev.kvpress.presses.kernel;

/**
 * The kernels as loops. Where a loop runs along whole arrays from their start the virtual machine
 * turns it into vector instructions by itself.
 */
final class PlainKernels implements KernelSet {
  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      addRow(left[i], from, right, into[i], 0, columns);
    }
  }

  @Override
  public float max(float[] numbers, int count) {
    return Vectors.max(numbers, 0, count);
  }

  @Override
  public void exponentials(float[] numbers, int count, float less) {
    exponentials(numbers, 0, count, less);
  }

  static void exponentials(float[] numbers, int from, int end, float less) {
    for (int i = from; i < end; i++) {
      numbers[i] = Exponential.of(numbers[i] - less);
    }
  }

  /** One row of a product, from column {@code start} on. */
  static void addRow(
      float[] weights, int from, float[][] right, float[] into, int start, int columns) {
    int k = 0;
    // Four rows at once, for each time the sums are read and written.
    for (; k + 3 < right.length && start < columns; k += 4) {
      addFour(weights, from + k, right, k, into, start, columns);
    }
    for (; k < right.length && start < columns; k++) {
      float weight = weights[from + k];
      float[] row = right[k];
      for (int j = start; j < columns; j++) {
        into[j] += weight * row[j];
      }
    }
  }

  private static void addFour(
      float[] weights, int at, float[][] right, int k, float[] into, int start, int columns) {
    float a = weights[at];
    float b = weights[at + 1];
    float c = weights[at + 2];
    float d = weights[at + 3];
    float[] ofA = right[k];
    float[] ofB = right[k + 1];
    float[] ofC = right[k + 2];
    float[] ofD = right[k + 3];
    for (int j = start; j < columns; j++) {
      into[j] = (((into[j] + a * ofA[j]) + b * ofB[j]) + c * ofC[j]) + d * ofD[j];
    }
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      addRow(left[i], from, right, into[i], 0, columns);
    }
  }

  /** As {@link #addRow(float[], int, float[][], float[], int, int)}. */
  static void addRow(
      double[] weights, int from, double[][] right, double[] into, int start, int columns) {
    int k = 0;
    for (; k + 3 < right.length && start < columns; k += 4) {
      addFour(weights, from + k, right, k, into, start, columns);
    }
    for (; k < right.length && start < columns; k++) {
      double weight = weights[from + k];
      double[] row = right[k];
      for (int j = start; j < columns; j++) {
        into[j] += weight * row[j];
      }
    }
  }

  private static void addFour(
      double[] weights, int at, double[][] right, int k, double[] into, int start, int columns) {
    double a = weights[at];
    double b = weights[at + 1];
    double c = weights[at + 2];
    double d = weights[at + 3];
    double[] ofA = right[k];
    double[] ofB = right[k + 1];
    double[] ofC = right[k + 2];
    double[] ofD = right[k + 3];
    for (int j = start; j < columns; j++) {
      into[j] = (((into[j] + a * ofA[j]) + b * ofB[j]) + c * ofC[j]) + d * ofD[j];
    }
  }
}
