package dev.kvpress.compare.report.folder;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * How well one method finds what is hidden at each depth of contexts of each length: the needle in
 * a haystack.
 *
 * @param method as typed
 * @param compressionRatio requested fraction removed
 * @param budget requested tokens kept
 * @param task what was asked
 * @param data name of the data
 * @param metric whose mean is shown
 * @param lengths columns, tokens of the contexts, ascending
 * @param depths rows, percent of the context before the needle, ascending
 * @param spots what is known, row by row; places without a sample are absent
 */
public record NeedleMap(
    String method,
    @Nullable Double compressionRatio,
    @Nullable Integer budget,
    String task,
    String data,
    String metric,
    ImmutableList<String> lengths,
    ImmutableList<String> depths,
    ImmutableList<Spot> spots) {

  /**
   * The samples of one length and depth.
   *
   * @param length place among the lengths
   * @param depth place among the depths
   * @param value mean of the metric
   * @param samples behind it, at least one
   */
  public record Spot(int length, int depth, double value, int samples) {}
}
