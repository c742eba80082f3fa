package dev.kvpress.compare.report;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One method at one ratio on one task and data file.
 *
 * @param method as typed
 * @param spec with all defaults of the command line filled in
 * @param task what was asked
 * @param data which data file
 * @param compressionRatio the fraction to be removed; empty where the press has its own budget or
 *     the budget is a number of tokens
 * @param budget the tokens to be kept, where the budget is a number of tokens
 * @param figures what was measured; empty if the cell failed
 * @param error why the cell failed
 * @param warnings remarks a reader of the figures must see
 */
public record Cell(
    String method,
    String spec,
    String task,
    String data,
    OptionalDouble compressionRatio,
    OptionalInt budget,
    Optional<Figures> figures,
    Optional<String> error,
    List<String> warnings) {

  /** Figures or an error, never both. */
  public Cell {
    warnings = ImmutableList.copyOf(warnings);
    if (figures.isPresent() == error.isPresent()) {
      throw new IllegalArgumentException("a cell has either figures or an error");
    }
  }

  /**
   * What was measured.
   *
   * @param achievedRatio fraction of the tokens seen that was no longer in the cache
   * @param nll mean negative log-likelihood in nats over the continuation tokens, or, streaming,
   *     over all predicted tokens
   * @param nllCompressed the mean over those tokens which the compressed cache predicts
   * @param deltaNll nllCompressed minus the baseline's; empty where the baseline failed
   * @param kvBytesLogical bytes of the tokens held directly after compression, mean over samples
   * @param kvBytesPhysical the same with padding and spare room
   * @param prefillMs the prefill that all methods share, median over samples
   * @param pressMs the press alone, median over samples
   * @param tpotMs one decoding step, median
   * @param samples samples scored
   * @param tokens tokens that {@code nll} is the mean of
   */
  public record Figures(
      double achievedRatio,
      double nll,
      double nllCompressed,
      OptionalDouble deltaNll,
      double kvBytesLogical,
      double kvBytesPhysical,
      double prefillMs,
      double pressMs,
      OptionalDouble tpotMs,
      int samples,
      long tokens) {

    /** exp of the mean negative log-likelihood that the compressed cache gives. */
    public double perplexity() {
      return Math.exp(nllCompressed);
    }
  }
}
