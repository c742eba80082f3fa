package dev.kvpress.presses.kernel;

import java.util.Optional;

/**
 * The arithmetic on which presses spend their time, in two implementations of which one is chosen
 * when this class is first used: loops in plain Java, and vector instructions through {@code
 * jdk.incubator.vector} where that module is there. The system property {@value
 * KernelChoice#PROPERTY} ({@code plain}, {@code vector}) chooses by hand.
 *
 * <p>Both give the same bits: the order of every sum is part of the description, products are
 * rounded before they are added, and no sum depends on how wide the machine's vectors are.
 *
 * <p>A matrix is an array of rows. Arguments are not checked.
 */
public final class Kernels {
  private static final KernelChoice CHOICE = KernelChoice.ofThisMachine();
  private static final KernelSet SET = CHOICE.kernels();

  private Kernels() {}

  /** Which implementation runs, in words. */
  public static String description() {
    return SET.description();
  }

  /** What a user should do to get the faster implementation; empty where it runs. */
  public static Optional<String> advice() {
    return CHOICE.advice();
  }

  /**
   * Dot product of {@code a[aFrom..aFrom+length)} and {@code b[bFrom..bFrom+length)}, in eight
   * running sums {@code s0..s7}: {@code ((s0+s1)+(s2+s3))+((s4+s5)+(s6+s7))}. What does not fill
   * all eight is added to {@code s0}.
   */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
    return SET.dot(a, aFrom, b, bFrom, length);
  }

  /** Sum of the first numbers, in eight running sums as in {@link #dot}. */
  public static float sum(float[] numbers, int length) {
    return SET.sum(numbers, length);
  }

  /** Largest of the first numbers, NaN if there is one among them, negative infinity of none. */
  public static float max(float[] numbers, int length) {
    return SET.max(numbers, length);
  }

  /**
   * Replaces each of the first numbers {@code x} by {@link Exponential#of exp}{@code (x - offset)}.
   */
  public static void exponentials(float[] numbers, int length, float offset) {
    SET.exponentials(numbers, length, offset);
  }

  /**
   * Adds a matrix product: {@code into[i][j] += left[i][from + k] * right[k][j]} for each row
   * {@code k} of {@code right}, in ascending order.
   *
   * @param left {@code [rows][from + inner or more]}
   * @param right {@code [inner][columns or more]}
   * @param into {@code [rows or more][columns or more]}
   */
  public static void addProduct(
      float[][] left, int from, float[][] right, float[][] into, int rows, int columns) {
    SET.addProduct(left, from, right, into, rows, columns);
  }

  /**
   * As {@link #addProduct(float[][], int, float[][], float[][], int, int)}, in double precision.
   */
  public static void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    SET.addProduct(left, from, right, into, rows, columns);
  }
}
