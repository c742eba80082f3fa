package dev.kvpress.presses.kernel;

/**
 * The operations behind {@link Kernels}, where they are described. Every implementation rounds the
 * same sums in the same order, so that all give the same bits; none checks its arguments.
 */
interface KernelSet {
  /** In words, for reports. */
  String description();

  /** See {@link Kernels#addProduct(float[][], int, float[][], float[][], int, int)}. */
  void addProduct(float[][] left, int from, float[][] right, float[][] into, int rows, int columns);

  /** See {@link Kernels#max}. */
  float max(float[] numbers, int count);

  /** See {@link Kernels#exponentials}. */
  void exponentials(float[] numbers, int count, float less);

  /** See {@link Kernels#addProduct(double[][], int, double[][], double[][], int, int)}. */
  void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns);
}
