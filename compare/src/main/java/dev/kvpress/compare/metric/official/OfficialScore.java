package dev.kvpress.compare.metric.official;

import java.util.Optional;

/** How a benchmark's own code scores an answer to one of its data sets. */
public interface OfficialScore {
  /** What the benchmark's code calls it, for people. */
  String id();

  /** The figure it is reported as. */
  ScoreColumn column();

  /**
   * The score.
   *
   * @param written what the model wrote, blanks and line ends as they came
   * @return in [0, 1]
   */
  double score(String written, Expected expected);

  /**
   * Why expected answers cannot be scored, as a sentence about their columns; empty if they can.
   * The original stops there or can give nothing but 0.
   */
  default Optional<String> fault(Expected expected) {
    return Optional.empty();
  }

  /**
   * Checks that expected answers can be scored.
   *
   * @throws IllegalArgumentException with the fault
   */
  default void requireScorable(Expected expected) {
    fault(expected)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(fault);
            });
  }
}
