package dev.kvpress.compare.run;

/**
 * What compressing one context gave and cost.
 *
 * @param achievedRatio fraction of the context's tokens that was removed
 * @param requestedRatio the fraction that the budget asks for with this context length; NaN where
 *     the press has its own rule
 * @param logicalBytes bytes of the tokens kept, right after compression
 * @param physicalBytes bytes of the cache, right after compression
 * @param prefillNanos time of the prefill, shared by the cells of a sample in the prefill protocol
 * @param pressNanos time within the press
 * @param stepTimes of decoding steps of one token
 */
public record CacheFigures(
    double achievedRatio,
    double requestedRatio,
    long logicalBytes,
    long physicalBytes,
    long prefillNanos,
    long pressNanos,
    StepTimes stepTimes) {
  /** Older journals have no times that were taken in turn. */
  public CacheFigures {
    stepTimes = stepTimes == null ? StepTimes.NONE : stepTimes;
  }

  CacheFigures withTimes(long allPressNanos, StepTimes steps) {
    return new CacheFigures(
        achievedRatio,
        requestedRatio,
        logicalBytes,
        physicalBytes,
        prefillNanos,
        allPressNanos,
        steps);
  }
}
