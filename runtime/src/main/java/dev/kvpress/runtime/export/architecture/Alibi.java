package dev.kvpress.runtime.export.architecture;

import java.util.ArrayList;
import java.util.List;

/**
 * Slopes of attention with linear biases (ALiBi, arXiv 2108.12409): a falling geometric row, by two
 * ways to fill in head counts that are no power of two.
 */
final class Alibi {
  private Alibi() {}

  /**
   * BLOOM's: the row for the next smaller power of two, then every other slope of the row for twice
   * that.
   *
   * @return {@code [H]}
   */
  static List<Float> afterSmaller(int heads) {
    DecoderConfig.requireHeads(heads);
    int smaller = Integer.highestOneBit(heads);
    List<Float> slopes = new ArrayList<>(row(smaller, 8));
    List<Float> finer = row(2 * smaller, 8);
    for (int i = 0; slopes.size() < heads; i += 2) {
      slopes.add(finer.get(i));
    }
    return slopes;
  }

  /**
   * MPT's: the row for the next larger power of two, every other slope of it first, then those
   * between.
   *
   * @param exponent of 1/2 that the row ends with
   * @return {@code [H]}
   */
  static List<Float> ofLarger(int heads, double exponent) {
    DecoderConfig.requireHeads(heads);
    int larger = heads == 1 ? 1 : 2 * Integer.highestOneBit(heads - 1);
    List<Float> row = row(larger, exponent);
    if (larger == heads) {
      return row;
    }
    List<Float> slopes = new ArrayList<>();
    for (int first = 1; first >= 0; first--) {
      for (int i = first; i < larger; i += 2) {
        slopes.add(row.get(i));
      }
    }
    return List.copyOf(slopes.subList(0, heads));
  }

  /** Slopes as bfloat16 has them. */
  static List<Float> rounded(List<Float> slopes) {
    return slopes.stream().map(Alibi::rounded).toList();
  }

  /** Rounds to 8 bits of precision, to even where two are equally near. */
  private static float rounded(float value) {
    int bits = Float.floatToRawIntBits(value);
    int even = (bits >>> 16) & 1;
    return Float.intBitsToFloat((bits + 0x7fff + even) & 0xffff0000);
  }

  /** 2^(−e/n), 2^(−2e/n), … 2^(−e). */
  private static List<Float> row(int n, double exponent) {
    List<Float> slopes = new ArrayList<>();
    for (int i = 1; i <= n; i++) {
      slopes.add((float) Math.pow(2, -exponent * i / n));
    }
    return slopes;
  }
}
