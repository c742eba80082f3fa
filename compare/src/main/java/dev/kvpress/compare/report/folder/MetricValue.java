package dev.kvpress.compare.report.folder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * A figure of one cell.
 *
 * @param value the figure; null where it could not be taken
 * @param n samples behind it
 * @param delta value minus the baseline's over the same samples; null in the baseline's own row
 * @param low lower end of the 95 % interval of the delta
 * @param high upper end of it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record MetricValue(
    @Nullable Double value,
    int n,
    @Nullable Double delta,
    @Nullable Double low,
    @Nullable Double high) {
  /** Takes what is no number, as older files may hold, for what is not there. */
  public MetricValue {
    value = Binding.real(value);
    delta = Binding.real(delta);
    low = Binding.real(low);
    high = Binding.real(high);
  }

  /** Whether the interval of the difference to the baseline is known and holds this difference. */
  public boolean intervalHolds(double difference) {
    return low != null && high != null && low <= difference && difference <= high;
  }
}
