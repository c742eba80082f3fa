package dev.kvpress.compare.task;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.compare.metric.Spread;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A quantity that is reported of a method. Most are made of the mean of a {@link Figure};
 * quantiles, and the standard errors of means, are made of the single values of a series of the
 * {@link Answer} over all samples.
 *
 * @param name in files, snake case
 * @param figure name of the {@link Figure} it is made of; of a quantile, name of the series
 * @param label for people
 * @param unit {@code fraction}, {@code nats}, {@code ms}, {@code bytes}, or empty
 * @param higherIsBetter which direction is good
 * @param scale how the mean, or the values, become the metric
 * @param series whose values tell the standard error, or the quantile; empty: there is neither
 * @param thousandths of the values that lie below a quantile, from 0 to 1000; 0 for others
 */
public record Metric(
    String name,
    String figure,
    String label,
    String unit,
    boolean higherIsBetter,
    Scale scale,
    Optional<String> series,
    int thousandths) {

  /** How the mean of the figure becomes the value of the metric. */
  public enum Scale {
    /** The mean itself. */
    MEAN,
    /** {@code exp} of the mean: perplexity of nats. */
    EXP,
    /** The square root of the mean: root mean square of squares. */
    ROOT,
    /** No mean: a quantile of the values of the series. */
    QUANTILE
  }

  /** Checks that a quantile has its series. */
  public Metric {
    checkArgument(
        thousandths >= 0 && thousandths <= 1000, "expected 0 to 1000, found %s", thousandths);
    checkArgument(
        scale != Scale.QUANTILE || series.isPresent(), "the quantile %s needs a series", name);
  }

  /** A metric of a figure, without a standard error. */
  public Metric(
      String name, String figure, String label, String unit, boolean higherIsBetter, Scale scale) {
    this(name, figure, label, unit, higherIsBetter, scale, Optional.empty(), 0);
  }

  /** A metric that is the mean of the figure of its own name. */
  public static Metric mean(String name, String label, String unit, boolean higherIsBetter) {
    return new Metric(name, name, label, unit, higherIsBetter, Scale.MEAN);
  }

  /** A quantile of the values of a series; less is better. */
  public static Metric quantile(
      String name, String label, String unit, String series, int thousandths) {
    return new Metric(
        name, series, label, unit, false, Scale.QUANTILE, Optional.of(series), thousandths);
  }

  /** The same with the standard error that the values of a series tell. */
  public Metric withErrorOf(String values) {
    return new Metric(
        name, figure, label, unit, higherIsBetter, scale, Optional.of(values), thousandths);
  }

  /** Whether it is made of single values and not of a mean. */
  public boolean isQuantile() {
    return scale == Scale.QUANTILE;
  }

  /**
   * The value of a metric that is no quantile.
   *
   * @param sum of the figure over samples
   * @param weight of the figure over samples, more than 0
   */
  public double value(double sum, double weight) {
    double mean = sum / weight;
    return switch (scale) {
      case MEAN -> mean;
      case EXP -> Math.exp(mean);
      case ROOT -> Math.sqrt(mean);
      case QUANTILE ->
          throw new IllegalStateException(name + " is a quantile, which no mean can tell");
    };
  }

  /** The value of a quantile. */
  public double value(Spread values) {
    return values.quantile(thousandths);
  }

  /** Standard error over the values of the series; empty for what has none. */
  public OptionalDouble error(Spread values) {
    return switch (scale) {
      case MEAN -> values.meanError();
      case ROOT -> values.rootMeanSquareError();
      case EXP, QUANTILE -> OptionalDouble.empty();
    };
  }
}
