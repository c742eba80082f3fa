package dev.kvpress.presses.kernel;

import java.util.Optional;

/**
 * Products of matrices and maxima, on which presses spend most of their time, in two
 * implementations of which one is chosen when this class is first used: loops in plain Java, and
 * vector instructions through {@code jdk.incubator.vector} where that module is there. The system
 * property {@value KernelChoice#PROPERTY} ({@code plain}, {@code vector}) chooses by hand.
 *
 * <p>Both give the same bits: the order of every sum is part of the description, and products are
 * rounded before they are added. How wide the machine's vectors are does not matter, since they
 * hold different sums and never parts of one.
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

  /** Largest of the first numbers, NaN if there is one among them, negative infinity of none. */
  public static float max(float[] numbers, int count) {
    return SET.max(numbers, count);
  }

  /**
   * Turns the first numbers {@code x} into {@code Exponential.of(x - less)}, in place: the same
   * bits, many at once.
   */
  public static void exponentials(float[] numbers, int count, float less) {
    SET.exponentials(numbers, count, less);
  }

  /**
   * As {@link #addProduct(float[][], int, float[][], float[][], int, int)}, in double precision.
   */
  public static void addProduct(
      double[][] left, int from, double[][] right, double[][] into, int rows, int columns) {
    SET.addProduct(left, from, right, into, rows, columns);
  }
}
