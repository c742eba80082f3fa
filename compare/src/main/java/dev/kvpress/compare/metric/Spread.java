package dev.kvpress.compare.metric;

import com.google.common.math.Quantiles;
import com.google.common.math.Stats;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * What llama.cpp's perplexity tool says of values of many tokens: mean and root mean square with
 * their standard errors, and quantiles. Tokens are taken for independent, as there: √(variance / (n
 * − 1)) for a mean, by propagation 1 / (2 · rms) times that of the squares for the root mean
 * square. A fraction is the mean of zeros and ones, so its error is √(p (1 − p) / (n − 1)). That
 * tool shows no error for fewer than 11 tokens; here two are enough.
 *
 * @param values of the tokens, at least one; may be infinite
 */
public record Spread(ImmutableDoubleArray values) {
  /** Checks that there are values. */
  public Spread {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("expected the value of at least one token, found none");
    }
  }

  /** Values of tokens. */
  public static Spread of(double... values) {
    return new Spread(ImmutableDoubleArray.copyOf(values));
  }

  /**
   * A quantile, between the two neighbouring values by linear interpolation.
   *
   * @param fraction of the values that lie below, in thousandths, from 0 to 1000
   */
  public double quantile(int fraction) {
    double[] sorted = values.toArray();
    // Interpolating between infinities would give no number.
    Arrays.sort(sorted);
    double place = fraction / 1000.0 * (sorted.length - 1);
    return sorted[(int) Math.ceil(place)] == Double.POSITIVE_INFINITY
        ? Double.POSITIVE_INFINITY
        : Quantiles.scale(1000).index(fraction).compute(sorted);
  }

  /** Standard error of the mean; empty for one value and where one is infinite. */
  public OptionalDouble meanError() {
    return error(values.toArray());
  }

  /** Root mean square. */
  public double rootMeanSquare() {
    return Math.sqrt(Stats.meanOf(squares()));
  }

  /** Standard error of the root mean square; empty for one value and where one is infinite. */
  public OptionalDouble rootMeanSquareError() {
    OptionalDouble error = error(squares());
    double root = rootMeanSquare();
    return error.isPresent()
        ? OptionalDouble.of(root == 0 ? 0 : 0.5 / root * error.getAsDouble())
        : error;
  }

  private double[] squares() {
    return values.stream().map(value -> value * value).toArray();
  }

  private static OptionalDouble error(double[] values) {
    if (values.length < 2 || !Arrays.stream(values).allMatch(Double::isFinite)) {
      return OptionalDouble.empty();
    }
    Stats stats = Stats.of(values);
    return OptionalDouble.of(Math.sqrt(stats.populationVariance() / (values.length - 1)));
  }
}
