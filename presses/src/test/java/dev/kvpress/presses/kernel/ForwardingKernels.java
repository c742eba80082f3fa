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
  public void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    kernels.addProduct(left, from, right, into, rows, columns);
  }

  @Override
  public void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    kernels.addProduct(left, from, right, into, rows, columns);
  }

  @Override
  public void exponentials(float[] numbers, int count, float less) {
    kernels.exponentials(numbers, count, less);
  }

  @Override
  public float max(float[] numbers, int count) {
    return kernels.max(numbers, count);
  }
}
