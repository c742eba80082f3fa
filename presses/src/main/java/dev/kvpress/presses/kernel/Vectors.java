package dev.kvpress.presses.kernel;

/** Arithmetic on pieces of float arrays. */
public final class Vectors {
  /** Floats to read at once: 32 kB, which stays in the first-level cache. */
  public static final int BLOCK_FLOATS = 8192;

  private Vectors() {}

  /** Tokens of {@code size} floats that fit a block, at least one. */
  public static int tokensPerBlock(int size) {
    return Math.max(1, BLOCK_FLOATS / size);
  }

  /** Sum of squares of {@code a[from..from+length)}. */
  public static float squaredNorm(float[] a, int from, int length) {
    return Kernels.dot(a, from, a, from, length);
  }
}
