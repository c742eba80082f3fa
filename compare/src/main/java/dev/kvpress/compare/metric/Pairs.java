package dev.kvpress.compare.metric;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * One figure of the same samples under a method and under the baseline. Samples without weight on
 * either side are left out: they say nothing of the difference.
 */
public final class Pairs {
  /** Numbers of a sample: its sum and weight, then the baseline's. */
  private static final int NUMBERS = 4;

  /** Sample by sample, so that what is drawn together lies together. */
  private final double[] values;

  private Pairs(double[] values) {
    this.values = values;
  }

  /** Collects pairs, sample by sample. */
  public static final class Builder {
    private double[] values = new double[64];
    private int size;

    /**
     * One sample more.
     *
     * @param sum of the method, finite
     * @param weight of the method, at least 0
     * @param baseSum of the baseline, finite
     * @param baseWeight of the baseline, at least 0
     */
    public Builder add(double sum, double weight, double baseSum, double baseWeight) {
      if (!Double.isFinite(sum) || !Double.isFinite(baseSum)) {
        throw new IllegalArgumentException(
            "expected finite sums, found %s and %s; leave the sample out".formatted(sum, baseSum));
      }
      if (!(weight >= 0 && baseWeight >= 0) || Double.isInfinite(weight + baseWeight)) {
        throw new IllegalArgumentException(
            "expected finite weights of at least 0, found %s and %s".formatted(weight, baseWeight));
      }
      if (weight > 0 && baseWeight > 0) {
        if (size + NUMBERS > values.length) {
          values = Arrays.copyOf(values, 2 * values.length);
        }
        values[size++] = sum;
        values[size++] = weight;
        values[size++] = baseSum;
        values[size++] = baseWeight;
      }
      return this;
    }

    /** The pairs so far. */
    public Pairs build() {
      return new Pairs(Arrays.copyOf(values, size));
    }
  }

  /** Starts without a sample. */
  public static Builder builder() {
    return new Builder();
  }

  /** Samples with weight on both sides, n. */
  public int count() {
    return values.length / NUMBERS;
  }

  /**
   * Method minus baseline over all samples.
   *
   * @return NaN without samples
   */
  public double delta(DoubleUnaryOperator transform) {
    double sum = 0;
    double weight = 0;
    double baseSum = 0;
    double baseWeight = 0;
    for (int i = 0; i < values.length; i += NUMBERS) {
      sum += values[i];
      weight += values[i + 1];
      baseSum += values[i + 2];
      baseWeight += values[i + 3];
    }
    return transform.applyAsDouble(sum / weight) - transform.applyAsDouble(baseSum / baseWeight);
  }

  /**
   * The ratios of both over n samples, drawn with replacement, whose indices stand behind a place.
   *
   * @param into where the two go in their arrays
   */
  void drawnRatios(int[] drawn, int from, int into, double[] ratios, double[] baseRatios) {
    double sum = 0;
    double weight = 0;
    double baseSum = 0;
    double baseWeight = 0;
    int to = from + count();
    for (int draw = from; draw < to; draw++) {
      int i = NUMBERS * drawn[draw];
      sum += values[i];
      weight += values[i + 1];
      baseSum += values[i + 2];
      baseWeight += values[i + 3];
    }
    ratios[into] = sum / weight;
    baseRatios[into] = baseSum / baseWeight;
  }
}
