package dev.kvpress.compare.run;

import static java.util.Objects.requireNonNull;

/**
 * What compressing one context gave and cost.
 *
 * @param achievedRatio fraction of the context's tokens that was removed
 * @param requestedRatio the fraction that the budget asks for with this context length; NaN where
 *     the press has its own rule
 * @param logicalBytes bytes of the tokens kept, right after compression
 * @param physicalBytes bytes of the cache, right after compression
 * @param prefillNanos time of the prefill, shared by the cells of a sample in the prefill protocol
 * @param pressNanos time within the press, without that of the second pass
 * @param stepTimes of decoding steps of one token
 * @param secondPass what the press let the model read again
 */
public record CacheFigures(
    double achievedRatio,
    double requestedRatio,
    long logicalBytes,
    long physicalBytes,
    long prefillNanos,
    long pressNanos,
    StepTimes stepTimes,
    SecondPass secondPass) {
  /** Older journals have no times that were taken in turn. */
  public CacheFigures {
    stepTimes = stepTimes == null ? StepTimes.NONE : stepTimes;
    requireNonNull(secondPass, "secondPass is missing");
  }

  /** Those of a press that reads nothing again. */
  public CacheFigures(
      double achievedRatio,
      double requestedRatio,
      long logicalBytes,
      long physicalBytes,
      long prefillNanos,
      long pressNanos,
      StepTimes stepTimes) {
    this(
        achievedRatio,
        requestedRatio,
        logicalBytes,
        physicalBytes,
        prefillNanos,
        pressNanos,
        stepTimes,
        SecondPass.NONE);
  }

  CacheFigures withTimes(PressCost allPress, StepTimes steps) {
    return new CacheFigures(
        achievedRatio,
        requestedRatio,
        logicalBytes,
        physicalBytes,
        prefillNanos,
        allPress.nanos(),
        steps,
        allPress.secondPass());
  }
}
