package dev.kvpress.runtime.cache.packed;

import dev.kvpress.runtime.file.FloatDecoder;

/**
 * The grid of one block: {@code x ≈ scale · code + minimum} with codes 0…top, scale and minimum in
 * float16 (KIVI, arXiv 2402.02750, section 3.1, whose zero point is a number of its own).
 *
 * <p>Scale and minimum are rounded first and codes are reckoned with what they have become, so a
 * value is off by half a scale, and by what the rounding has taken from the span at either end:
 * {@code top · 2^-11} scales and {@code |minimum| · 2^-11 / top}. Packing what was unpacked gives
 * the same codes, scale and minimum: the largest value has the top code, and the minimum is the
 * float16 next to the smallest value in the direction in which that value's code takes it. A span
 * that float16 cannot tell from the minimum counts as what it can.
 */
final class BlockGrid {
  private static final double HALF_PRECISION = 0x1p-10;

  private final int top;
  private short scale;
  private short minimum;
  private double step;
  private double lowest;
  private double withTopCode;

  /**
   * A grid for blocks of some width.
   *
   * @param top the largest code
   */
  BlockGrid(int top) {
    this.top = top;
  }

  /**
   * Fits the grid to a block.
   *
   * @param min the smallest value, finite
   * @param max the largest value, finite
   * @return whether float16 can hold it
   */
  boolean fit(float min, float max) {
    span(roundedDown(min), max);
    short next = following(minimum);
    if ((float) (step * code(min) + lowest) >= FloatDecoder.halfToFloat(next)) {
      span(next, max);
    }
    return Double.isFinite(lowest) && Double.isFinite(step);
  }

  private void span(short from, float max) {
    minimum = from;
    lowest = FloatDecoder.halfToFloat(from);
    double span = max - lowest;
    double least = HALF_PRECISION * Math.abs(lowest);
    // Also where the scale was rounded up, else a smaller one would do the next time.
    withTopCode = span >= least && span > 0 ? max : Double.POSITIVE_INFINITY;
    scale = FloatDecoder.floatToHalf((float) (Math.max(span, least) / top));
    step = FloatDecoder.halfToFloat(scale);
  }

  /** The code of a value of the block. */
  int code(float value) {
    if (step == 0) {
      return 0;
    }
    if (value >= withTopCode) {
      return top;
    }
    int code = (int) Math.floor((value - lowest) / step + 0.5);
    return Math.max(0, Math.min(top, code));
  }

  /** The scale as float16, not negative. */
  short scale() {
    return scale;
  }

  /** The minimum as float16. */
  short minimum() {
    return minimum;
  }

  private static short roundedDown(float number) {
    short half = FloatDecoder.floatToHalf(number);
    if (FloatDecoder.halfToFloat(half) > number) {
      // Magnitudes are in the order of the bits.
      boolean below = number < 0;
      return below ? (short) (half == 0 ? 0x8001 : half + 1) : (short) (half - 1);
    }
    return half == (short) 0x8000 ? 0 : half;
  }

  private static short following(short half) {
    if (half == (short) 0x8001) {
      return 0;
    }
    return (short) (half < 0 ? half - 1 : half + 1);
  }
}
