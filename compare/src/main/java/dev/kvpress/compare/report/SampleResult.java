package dev.kvpress.compare.report;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One sample of one cell.
 *
 * @param method as typed
 * @param task what was asked
 * @param data which data file
 * @param compressionRatio as in {@link Cell}
 * @param budget as in {@link Cell}
 * @param sample index from 0 in file order
 * @param nll mean over {@code tokens}, in nats
 * @param nllCompressed mean over the tokens which the compressed cache predicts
 * @param tokens tokens that {@code nll} is the mean of
 * @param achievedRatio fraction removed
 */
public record SampleResult(
    String method,
    String task,
    String data,
    OptionalDouble compressionRatio,
    OptionalInt budget,
    int sample,
    double nll,
    double nllCompressed,
    int tokens,
    double achievedRatio) {}
