package dev.kvpress.compare.bench;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Normal numbers of deviation 1 at the price of a look-up: a table of {@value #SIZE} numbers drawn
 * once, of which each draw takes one. Half of them are the others with their sign turned, and all
 * are scaled to a mean square of 1, so that mean and deviation are exact.
 *
 * <p>The same table on every machine: {@link SplittableRandom} is specified bit by bit and the
 * Box-Muller transform uses {@link StrictMath}.
 */
final class NormalTable {
  private static final int INDEX_BITS = 16;
  private static final int SIZE = 1 << INDEX_BITS;
  private static final long TABLE_SEED = 0x6e6f726d616cL;

  private static final float[] NUMBERS = draw();

  /** The bits of each number of the table, scaled. */
  private final int[] bits = new int[SIZE];

  private final NumberFormat format;

  NormalTable(double deviation, NumberFormat format) {
    this.format = format;
    for (int i = 0; i < SIZE; i++) {
      bits[i] = format.bits((float) (NUMBERS[i] * deviation));
    }
  }

  private static float[] draw() {
    SplittableRandom random = new SplittableRandom(TABLE_SEED);
    double[] half = new double[SIZE / 2];
    double squares = 0;
    for (int i = 0; i < half.length; i++) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
      half[i] = radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
      squares += half[i] * half[i];
    }
    double scale = 1 / StrictMath.sqrt(squares / half.length);
    float[] numbers = new float[SIZE];
    for (int i = 0; i < half.length; i++) {
      numbers[2 * i] = (float) (half[i] * scale);
      numbers[2 * i + 1] = -numbers[2 * i];
    }
    return numbers;
  }

  /**
   * Puts numbers into a little-endian buffer; four of them take one draw of 64 bits.
   *
   * @param count a multiple of 4, except in the last call for a tensor
   */
  void put(ByteBuffer out, int count, SplittableRandom random) {
    for (int left = count; left > 0; left -= 4) {
      long draw = random.nextLong();
      for (int i = Math.min(4, left); i > 0; i--) {
        int number = bits[(int) draw & SIZE - 1];
        draw >>>= INDEX_BITS;
        if (format == NumberFormat.F32) {
          out.putInt(number);
        } else {
          out.putShort((short) number);
        }
      }
    }
  }
}
