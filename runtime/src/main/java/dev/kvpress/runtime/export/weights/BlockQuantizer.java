package dev.kvpress.runtime.export.weights;

import dev.kvpress.runtime.ModelException;
import java.util.Arrays;

/**
 * Rounds blocks of numbers to whole ones and a scale each, without looking at any data: of some
 * scales around the one that just holds the largest number it takes the one with the least sum of
 * squared errors, which for given roundings is Σwq / Σq². 8 bits are fine enough for the plain
 * scale.
 *
 * <p>Many blocks go side by side, so that the inner loops run over blocks and the virtual machine
 * turns them into vector instructions. Instances are for one thread.
 */
final class BlockQuantizer {
  /** Blocks that go side by side. */
  static final int LANES = 64;

  /** Scales tried on each side of the plain one, and how far apart they are: peaks at 7 to 9. */
  private static final int STEPS = 10;

  private static final float STEP = 0.1f;

  /** Adding and subtracting it rounds a small float to the nearest whole number. */
  private static final float ROUNDER = 0x1.8p23f;

  /** The inverse of a smaller number might be infinite. */
  private static final float SMALLEST_PEAK = Float.MIN_NORMAL * 256;

  private final String weight;
  private final int bits;
  private final float lowest;
  private final float highest;
  private final float[] peak = new float[LANES];
  private final float[] trough = new float[LANES];
  private final float[] inverse = new float[LANES];
  private final float[] best = new float[LANES];
  private final float[] scale = new float[LANES];
  private final float[] products = new float[LANES];
  private final float[] squares = new float[LANES];
  private final double[] most = new double[LANES];

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

  /** Blocks that lie side by side: number i of block b at {@code from + i · stride + b}. */
  record Blocks(float[] numbers, int from, int stride, int lanes, int length) {}

  /**
   * Where blocks go: two numbers in a byte for 4 bits, the first in the lower half.
   *
   * @param from first byte of the first block
   * @param step bytes from one block to the next
   * @param block numbers of each; those that its length lacks are 0
   */
  record Codes(byte[] bytes, int from, int step, int block) {}

  /**
   * Rounds blocks.
   *
   * @param blocks at most {@link #LANES}
   * @param scales where the scale of each block goes
   * @param firstScale place of the first
   * @throws ModelException if a number is not finite
   */
  void quantize(Blocks blocks, Codes codes, float[] scales, int firstScale) {
    findPeaks(blocks);
    if (bits == 8) {
      for (int b = 0; b < blocks.lanes(); b++) {
        best[b] = highest / Math.abs(peak[b]);
        scale[b] = Math.abs(peak[b]) / highest;
      }
    } else {
      search(blocks);
    }
    for (int b = 0; b < blocks.lanes(); b++) {
      if (Math.abs(peak[b]) < SMALLEST_PEAK) {
        best[b] = 0;
        scale[b] = 0;
      }
      write(blocks, b, codes);
      scales[firstScale + b] = scale[b];
    }
  }

  /** The number of each block that is farthest from 0, with its sign. */
  private void findPeaks(Blocks blocks) {
    int lanes = blocks.lanes();
    float[] numbers = blocks.numbers();
    Arrays.fill(peak, 0);
    Arrays.fill(trough, 0);
    for (int i = 0; i < blocks.length(); i++) {
      int row = blocks.from() + i * blocks.stride();
      for (int b = 0; b < lanes; b++) {
        // NaN stays, whatever comes after it.
        peak[b] = Math.max(peak[b], numbers[row + b]);
        trough[b] = Math.min(trough[b], numbers[row + b]);
      }
    }
    for (int b = 0; b < lanes; b++) {
      float found = peak[b] >= -trough[b] ? peak[b] : trough[b];
      if (!Float.isFinite(found)) {
        throw new ModelException(
            "weight %s: expected finite numbers, found %s; only --weights f32 keeps them"
                .formatted(weight, found));
      }
      peak[b] = found;
    }
  }

  /** The inverse scales whose roundings explain most: (Σwq)² / Σq² is largest. */
  private void search(Blocks blocks) {
    int lanes = blocks.lanes();
    Arrays.fill(most, -1);
    for (int step = -STEPS; step <= STEPS; step++) {
      for (int b = 0; b < lanes; b++) {
        inverse[b] = (lowest + STEP * step) / peak[b];
      }
      sum(blocks);
      for (int b = 0; b < lanes; b++) {
        double wanted = products[b] / (double) inverse[b];
        double explained = wanted * wanted / squares[b];
        if (explained > most[b]) {
          most[b] = explained;
          best[b] = inverse[b];
          scale[b] = (float) (wanted / squares[b]);
        }
      }
    }
  }

  /** Σxq and Σq² of each block, x being the numbers scaled so that no size of them overflows. */
  private void sum(Blocks blocks) {
    int lanes = blocks.lanes();
    float[] numbers = blocks.numbers();
    Arrays.fill(products, 0);
    Arrays.fill(squares, 0);
    for (int i = 0; i < blocks.length(); i++) {
      int row = blocks.from() + i * blocks.stride();
      for (int b = 0; b < lanes; b++) {
        float scaled = numbers[row + b] * inverse[b];
        float q = Math.max(lowest, Math.min(highest, scaled + ROUNDER - ROUNDER));
        products[b] += q * scaled;
        squares[b] += q * q;
      }
    }
  }

  private void write(Blocks blocks, int lane, Codes codes) {
    int at = codes.from() + lane * codes.step();
    if (bits == 8) {
      for (int i = 0; i < codes.block(); i++) {
        codes.bytes()[at + i] = (byte) code(blocks, lane, i);
      }
      return;
    }
    for (int i = 0; i < codes.block(); i += 2) {
      int low = code(blocks, lane, i);
      codes.bytes()[at + i / 2] = (byte) (low | code(blocks, lane, i + 1) << 4);
    }
  }

  private int code(Blocks blocks, int lane, int index) {
    if (index >= blocks.length()) {
      return (int) -lowest;
    }
    float scaled = blocks.numbers()[blocks.from() + index * blocks.stride() + lane] * best[lane];
    float q = Math.max(lowest, Math.min(highest, scaled + ROUNDER - ROUNDER));
    return (int) (q - lowest);
  }
}
