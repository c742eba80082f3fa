package dev.kvpress.presses.kernel;

/**
 * The operations behind {@link Kernels}, where they are described. Every implementation rounds the
 * same sums in the same order, so that all give the same bits; none checks its arguments.
 */
interface KernelSet {
  /** In words, for reports. */
  String description();

  /** See {@link Kernels#dot}. */
  float dot(float[] a, int aFrom, float[] b, int bFrom, int length);

  /** See {@link Kernels#sum}. */
  float sum(float[] numbers, int length);

  /** See {@link Kernels#max}. */
  float max(float[] numbers, int length);

  /** See {@link Kernels#exponentials}. */
  void exponentials(float[] numbers, int length, float offset);

  /** See {@link Kernels#addProduct(float[][], int, float[][], float[][], int, int)}. */
  void addProduct(float[][] left, int from, float[][] right, float[][] into, int rows, int columns);

  /** See {@link Kernels#addProduct(double[][], int, double[][], double[][], int, int)}. */
  void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns);
}
