package dev.kvpress.compare.run;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.math.Quantiles;
import java.util.List;

/**
 * Times of decoding steps of one token behind one context.
 *
 * @param turns median of each turn in nanoseconds; empty where nothing was measured
 * @param steps measured in all turns together
 * @param group names the measurement: only times of the same one were taken in turn
 */
public record StepTimes(List<Double> turns, int steps, String group) {
  /** Nothing was measured. */
  public static final StepTimes NONE = new StepTimes(List.of(), 0, "");

  /** Takes a copy. */
  public StepTimes {
    turns = ImmutableList.copyOf(turns);
    checkNotNull(group, "group");
    checkArgument(steps >= turns.size(), "%s steps cannot make %s turns", steps, turns.size());
  }

  /** One turn; none of no steps. */
  static StepTimes oneTurn(long[] nanos, String group) {
    return nanos.length == 0
        ? NONE
        : new StepTimes(List.of(Quantiles.median().compute(nanos)), nanos.length, group);
  }

  /** Median of the turns in nanoseconds; there must be one. */
  double median() {
    return Quantiles.median().compute(turns);
  }

  /** Half the way from the fastest turn to the slowest, in nanoseconds. */
  double halfRange() {
    return (turns.stream().mapToDouble(t -> t).max().orElseThrow()
            - turns.stream().mapToDouble(t -> t).min().orElseThrow())
        / 2;
  }
}
