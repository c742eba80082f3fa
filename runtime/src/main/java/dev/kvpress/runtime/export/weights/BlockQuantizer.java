package dev.kvpress.runtime.export.weights;

import dev.kvpress.runtime.ModelException;

/**
 * Rounds a block of numbers to whole ones and a scale, without looking at any data: of a few scales
 * around the one that just holds the largest number it takes the one with the least sum of squared
 * errors, which for given roundings is Σwq / Σq². 8 bits are fine enough for the plain scale.
 *
 * <p>Instances are for one thread.
 */
final class BlockQuantizer {
  /** Scales tried on each side of the plain one, and how far apart they are: peaks at 7 to 9. */
  private static final int STEPS = 10;

  private static final float STEP = 0.1f;

  /** Adding and subtracting it rounds a small float to the nearest whole number. */
  private static final float ROUNDER = 0x1.8p23f;

  private final String weight;
  private final int bits;
  private final int lowest;
  private final int highest;

  /**
   * For one weight.
   *
   * @param weight its name, for messages
   * @param bits 4 or 8
   */
  BlockQuantizer(String weight, int bits) {
    this.weight = weight;
    this.bits = bits;
    this.lowest = -(1 << (bits - 1));
    this.highest = -lowest - 1;
  }

  /**
   * Rounds a block.
   *
   * @param numbers holds it
   * @param from where it begins
   * @param length of the block; what is missing to {@code block} counts as 0
   * @param block numbers that are written
   * @param out where they go, two in a byte for 4 bits, the first in the lower half
   * @param outFrom first byte
   * @return the scale
   * @throws ModelException if a number is not finite
   */
  float quantize(float[] numbers, int from, int length, int block, byte[] out, int outFrom) {
    float peak = 0;
    for (int i = from; i < from + length; i++) {
      float number = numbers[i];
      if (!Float.isFinite(number)) {
        throw new ModelException(
            "weight %s: expected finite numbers, found %s; only --weights f32 keeps them"
                .formatted(weight, number));
      }
      if (Math.abs(number) > Math.abs(peak)) {
        peak = number;
      }
    }
    // Below the smallest normal number its inverse would be infinite.
    boolean empty = Math.abs(peak) < Float.MIN_NORMAL * 256;
    float inverse =
        empty ? 0 : bits == 8 ? highest / Math.abs(peak) : best(numbers, from, length, peak);
    float scale = empty ? 0 : bits == 8 ? 1 / inverse : fit(numbers, from, length, inverse);
    write(numbers, from, length, block, inverse, out, outFrom);
    return scale;
  }

  /** The inverse scale whose roundings leave the least error: the largest (Σwq)² / Σq². */
  private float best(float[] numbers, int from, int length, float peak) {
    float best = lowest / peak;
    double most = -1;
    for (int step = -STEPS; step <= STEPS; step++) {
      float inverse = (lowest + STEP * step) / peak;
      float products = 0;
      float squares = 0;
      for (int i = from; i < from + length; i++) {
        // Scaled, so that no size of the numbers overflows the sums.
        float scaled = numbers[i] * inverse;
        float q = rounded(scaled);
        products += q * scaled;
        squares += q * q;
      }
      double wanted = products / (double) inverse;
      double explained = squares == 0 ? 0 : wanted * wanted / squares;
      if (explained > most) {
        most = explained;
        best = inverse;
      }
    }
    return best;
  }

  /** The scale that fits the roundings of an inverse best. */
  private float fit(float[] numbers, int from, int length, float inverse) {
    double products = 0;
    double squares = 0;
    for (int i = from; i < from + length; i++) {
      float q = rounded(numbers[i] * inverse);
      products += (double) q * numbers[i];
      squares += (double) q * q;
    }
    return squares == 0 ? 0 : (float) (products / squares);
  }

  private float rounded(float value) {
    float whole = value + ROUNDER - ROUNDER;
    return Math.max(lowest, Math.min(highest, whole));
  }

  private void write(
      float[] numbers, int from, int length, int block, float inverse, byte[] out, int outFrom) {
    if (bits == 8) {
      for (int i = 0; i < block; i++) {
        out[outFrom + i] = (byte) code(numbers, from, length, i, inverse);
      }
      return;
    }
    for (int i = 0; i < block; i += 2) {
      int low = code(numbers, from, length, i, inverse);
      int high = code(numbers, from, length, i + 1, inverse);
      out[outFrom + i / 2] = (byte) (low | high << 4);
    }
  }

  private int code(float[] numbers, int from, int length, int index, float inverse) {
    return index >= length ? -lowest : (int) rounded(numbers[from + index] * inverse) - lowest;
  }
}
