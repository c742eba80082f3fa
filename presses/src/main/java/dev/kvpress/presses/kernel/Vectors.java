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

  /**
   * Dot product of {@code a[aFrom..aFrom+length)} and {@code b[bFrom..bFrom+length)}, in eight
   * running sums {@code s0..s7}: {@code ((s0+s1)+(s2+s3))+((s4+s5)+(s6+s7))}. What does not fill
   * all eight is added to {@code s0}.
   */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    // Java keeps the order of float additions, so one running sum would wait for each addition.
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

  /** Sum of the first numbers, in four running sums {@code (s0+s1)+(s2+s3)}. */
  public static float sum(float[] numbers, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      s0 += numbers[i];
      s1 += numbers[i + 1];
      s2 += numbers[i + 2];
      s3 += numbers[i + 3];
    }
    for (; i < length; i++) {
      s0 += numbers[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /**
   * Largest of {@code numbers[from..end)}, NaN if there is one among them, negative infinity of
   * none.
   */
  static float max(float[] numbers, int from, int end) {
    // One running maximum would wait for each comparison.
    float m0 = Float.NEGATIVE_INFINITY;
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = from;
    for (; i + 3 < end; i += 4) {
      m0 = Math.max(m0, numbers[i]);
      m1 = Math.max(m1, numbers[i + 1]);
      m2 = Math.max(m2, numbers[i + 2]);
      m3 = Math.max(m3, numbers[i + 3]);
    }
    for (; i < end; i++) {
      m0 = Math.max(m0, numbers[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /** Sum of squares of {@code a[from..from+length)}. */
  public static float squaredNorm(float[] a, int from, int length) {
    return dot(a, from, a, from, length);
  }
}
