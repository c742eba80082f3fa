package dev.kvpress.compare.metric;

import com.google.common.math.Quantiles;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * How sure a difference between a method and the baseline is. Both were measured on the same
 * samples, so whole samples are drawn with replacement and both sides are recomputed from the same
 * draw; what makes a sample hard for both cancels (Efron and Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapters 8 and 13).
 *
 * <p>A figure of one sample is a sum and a weight, and its value over samples is the ratio of the
 * totals, Σ sum / Σ weight: nats and tokens for a mean loss, 0 or 1 and 1 for an accuracy. The
 * interval is the 2.5th to 97.5th percentile of the differences of these ratios. With few samples
 * it is too narrow, which is why the number of samples belongs beside it.
 *
 * <p>The same seed and number of samples draw the same samples, so all cells of a run are compared
 * on the same draws.
 */
public final class PairedBootstrap {
  private static final int SCALE = 1000;
  private static final int LOW = 25;
  private static final int HIGH = 975;

  private PairedBootstrap() {}

  /**
   * A difference and how sure it is.
   *
   * @param delta method minus baseline over all samples
   * @param low lower end of the 95 % interval, at most {@code high}
   * @param high upper end
   * @param samples number of samples, at least 2
   * @param resamples number of draws
   */
  public record Interval(double delta, double low, double high, int samples, int resamples) {
    /** Checks the order. */
    public Interval {
      if (!(low <= high) || samples < 2) {
        throw new IllegalArgumentException(
            "expected low <= high and at least 2 samples, found %s, %s and %s"
                .formatted(low, high, samples));
      }
    }

    /** Whether the interval leaves out zero, so that the difference is more than chance. */
    public boolean excludesZero() {
      return low > 0 || high < 0;
    }
  }

  /** {@link #difference(Pairs, DoubleUnaryOperator, long)} of the ratios as they are. */
  public static Optional<Interval> difference(Pairs pairs, long seed) {
    return difference(pairs, DoubleUnaryOperator.identity(), seed);
  }

  /** {@link #difference(Pairs, DoubleUnaryOperator, Draws)} with draws of its own. */
  public static Optional<Interval> difference(
      Pairs pairs, DoubleUnaryOperator transform, long seed) {
    return difference(pairs, transform, new Draws(seed));
  }

  /**
   * The 95 % interval of a difference.
   *
   * @param transform makes the value from the ratio, such as {@link Math#exp} for a perplexity;
   *     monotone
   * @param draws which samples are drawn
   * @return empty with fewer than two samples, where nothing can be said
   */
  public static Optional<Interval> difference(
      Pairs pairs, DoubleUnaryOperator transform, Draws draws) {
    int n = pairs.count();
    if (n < 2) {
      return Optional.empty();
    }
    double[] deltas = new double[Draws.resamples(n)];
    draws.each(n, (r, drawn, from) -> deltas[r] = pairs.drawnDelta(drawn, from, transform));
    Map<Integer, Double> ends = Quantiles.scale(SCALE).indexes(LOW, HIGH).computeInPlace(deltas);
    return Optional.of(
        new Interval(
            pairs.delta(transform),
            Objects.requireNonNull(ends.get(LOW)),
            Objects.requireNonNull(ends.get(HIGH)),
            n,
            deltas.length));
  }
}
