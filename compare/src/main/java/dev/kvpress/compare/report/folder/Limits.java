package dev.kvpress.compare.report.folder;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How much of a large folder is read, so that a page that shows it stays small enough for a
 * browser. The table and the charts are never cut.
 *
 * @param samplesOfTask samples of each task and data file, in file order, all methods of each
 * @param sampleEntries samples times cells in all; none where not even one of each cell fits
 * @param mapBytes layers times tokens of keep maps in all
 * @param textTokens tokens whose text is read in all
 * @param attentionWeights weights of attention maps in all
 */
public record Limits(
    int samplesOfTask, int sampleEntries, long mapBytes, long textTokens, long attentionWeights) {
  /** About 10 MB of page at most. */
  public static final Limits PAGE = new Limits(50, 5_000, 3_000_000, 300_000, 1_500_000);

  /** Everything. */
  public static final Limits NONE =
      new Limits(
          Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

  /** Checks the ranges. */
  public Limits {
    checkArgument(
        samplesOfTask >= 1
            && sampleEntries >= 1
            && mapBytes >= 1
            && textTokens >= 1
            && attentionWeights >= 1,
        "every limit must be at least 1");
  }
}
