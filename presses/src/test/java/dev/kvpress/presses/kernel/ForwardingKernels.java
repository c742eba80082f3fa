package dev.kvpress.presses.kernel;

/** Another implementation as it is; tests override what they spoil. */
class ForwardingKernels implements KernelSet {
  private final KernelSet kernels;

  ForwardingKernels(KernelSet kernels) {
    this.kernels = kernels;
  }

  @Override
  public String description() {
    return "forwarding";
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    return kernels.dot(a, aFrom, b, bFrom, length);
  }

  @Override
  public float sum(float[] numbers, int length) {
    return kernels.sum(numbers, length);
  }

  @Override
  public float max(float[] numbers, int length) {
    return kernels.max(numbers, length);
  }

  @Override
  public void exponentials(float[] numbers, int length, float offset) {
    kernels.exponentials(numbers, length, offset);
  }

  @Override
  public void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    kernels.addProduct(left, from, right, into, rows, columns);
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    kernels.addProduct(left, from, right, into, rows, columns);
  }
}
