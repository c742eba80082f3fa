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

  /**
   * The 95 % interval of a difference.
   *
   * @param transform makes the value from the ratio, such as {@link Math#exp} for a perplexity;
   *     monotone
   * @return empty with fewer than two samples, where nothing can be said, and where draws leave the
   *     range of numbers
   */
  public static Optional<Interval> difference(
      Pairs pairs, DoubleUnaryOperator transform, long seed) {
    return Resampled.of(pairs, new Draws(seed)).flatMap(drawn -> drawn.difference(transform));
  }

  /** The ratios of pairs over all resamples, of which several values are made. */
  public static final class Resampled {
    private final Pairs pairs;
    private final double[] ratios;
    private final double[] baseRatios;

    private Resampled(Pairs pairs, double[] ratios, double[] baseRatios) {
      this.pairs = pairs;
      this.ratios = ratios;
      this.baseRatios = baseRatios;
    }

    /**
     * Draws.
     *
     * @return empty without samples
     */
    public static Optional<Resampled> of(Pairs pairs, Draws draws) {
      int n = pairs.count();
      if (n == 0) {
        return Optional.empty();
      }
      int resamples = n < 2 ? 0 : Draws.resamples(n);
      double[] ratios = new double[resamples];
      double[] baseRatios = new double[resamples];
      if (resamples > 0) {
        draws.each(n, (r, drawn, from) -> pairs.drawnRatios(drawn, from, r, ratios, baseRatios));
      }
      return Optional.of(new Resampled(pairs, ratios, baseRatios));
    }

    /** Method minus baseline over all samples. */
    public double delta(DoubleUnaryOperator transform) {
      return pairs.delta(transform);
    }

    /** Samples that both have. */
    public int count() {
      return pairs.count();
    }

    /** The same as {@link PairedBootstrap#difference}, on what was drawn. */
    public Optional<Interval> difference(DoubleUnaryOperator transform) {
      if (ratios.length == 0) {
        return Optional.empty();
      }
      double[] deltas = new double[ratios.length];
      for (int r = 0; r < deltas.length; r++) {
        deltas[r] = transform.applyAsDouble(ratios[r]) - transform.applyAsDouble(baseRatios[r]);
      }
      Map<Integer, Double> ends = Quantiles.scale(SCALE).indexes(LOW, HIGH).computeInPlace(deltas);
      double delta = delta(transform);
      double low = Objects.requireNonNull(ends.get(LOW));
      double high = Objects.requireNonNull(ends.get(HIGH));
      // A draw of nothing but the hardest samples may be too much for exp.
      return Double.isFinite(delta) && Double.isFinite(low) && Double.isFinite(high)
          ? Optional.of(new Interval(delta, low, high, count(), deltas.length))
          : Optional.empty();
    }
  }
}
