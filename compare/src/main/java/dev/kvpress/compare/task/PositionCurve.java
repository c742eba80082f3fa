package dev.kvpress.compare.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a figure goes along a text: means over blocks of tokens, and the bytes of the cache at the
 * end of each block. Perplexity that stays flat over texts longer than a model was trained for,
 * while the cache does too, is what streaming without end means.
 */
final class PositionCurve {
  /** Tokens of a block; the name of the series says so too. */
  static final int BLOCK = 128;

  /** Mean nats of the predicted tokens of each block, by their position in the text. */
  static final String NLL = "nll_by_" + BLOCK + "_tokens";

  /** Bytes of keys and values, padding included, when the block has passed. */
  static final String KV_BYTES = "kv_bytes_by_" + BLOCK + "_tokens";

  private final List<Double> sums = new ArrayList<>();
  private final List<Integer> counts = new ArrayList<>();
  private final List<Double> bytes = new ArrayList<>();

  /**
   * Adds a predicted token.
   *
   * @param position of the token in the text; tokens come in order
   */
  void add(int position, double nll) {
    int block = position / BLOCK;
    reach(block);
    sums.set(block, sums.get(block) + nll);
    counts.set(block, counts.get(block) + 1);
  }

  /** Tells how large the cache is when the token at a position has passed. */
  void passed(int position, long cacheBytes) {
    int block = position / BLOCK;
    reach(block);
    bytes.set(block, (double) cacheBytes);
  }

  private void reach(int block) {
    while (sums.size() <= block) {
      sums.add(0.0);
      counts.add(0);
      bytes.add(Double.NaN);
    }
  }

  /** The series of all blocks in which something was predicted, from the first on. */
  Map<String, List<Double>> series() {
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < sums.size() && counts.get(i) > 0; i++) {
      means.add(sums.get(i) / counts.get(i));
    }
    return Map.of(NLL, means, KV_BYTES, List.copyOf(bytes.subList(0, means.size())));
  }
}
