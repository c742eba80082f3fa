package dev.kvpress.runtime.export.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockQuantizerTest {
  private static final int BLOCK = 32;

  @Test
  void eightBitsAreOffByHalfAStepAtMost() {
    Random random = new Random(1);
    for (int trial = 0; trial < 200; trial++) {
      float[] numbers = normal(random, BLOCK, Math.pow(10, random.nextInt(20) - 10));
      byte[] codes = new byte[BLOCK];
      float scale = quantize(8, numbers, codes);
      for (int i = 0; i < BLOCK; i++) {
        float read = scale * ((codes[i] & 0xff) - 128);
        assertThat(Math.abs(read - numbers[i])).isLessThanOrEqualTo(scale * 0.5001f);
      }
    }
  }

  @Test
  void fourBitsLoseLessThanPlainRounding() {
    Random random = new Random(2);
    double plain = 0;
    double chosen = 0;
    for (int trial = 0; trial < 200; trial++) {
      float[] numbers = normal(random, BLOCK, 0.02);
      float[] read = roundTrip4(numbers, BLOCK);
      double ofBlock = squaredError(numbers, read);
      double ofPlain = squaredError(numbers, plainRounding(numbers));
      assertThat(ofBlock).isLessThanOrEqualTo(ofPlain * 1.0001);
      chosen += ofBlock;
      plain += ofPlain;
    }
    assertThat(chosen).isLessThan(0.8 * plain);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void wholeNumbersOfTheRangeStayAsTheyAre(int bits) {
    int lowest = -(1 << (bits - 1));
    float[] numbers = new float[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      numbers[i] =
          Math.max(lowest + (bits == 8 ? 1 : 0), lowest + i * (bits == 8 ? 7 : 1) % -lowest);
    }
    numbers[3] = bits == 8 ? 127 : -8;
    float[] read = bits == 4 ? roundTrip4(numbers, BLOCK) : roundTrip8(numbers);
    for (int i = 0; i < BLOCK; i++) {
      assertThat(read[i]).isEqualTo(numbers[i], org.assertj.core.data.Offset.offset(1e-5f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void hugeAndTinyNumbersKeepTheirSize(int bits) {
    for (float size : new float[] {1e38f, 1e30f, 1e-30f}) {
      float[] numbers = new float[BLOCK];
      numbers[5] = size;
      numbers[6] = -size / 2;
      float[] read = bits == 4 ? roundTrip4(numbers, BLOCK) : roundTrip8(numbers);
      assertThat(read[5] / size).isBetween(0.8f, 1.1f);
      assertThat(read[6] / size).isBetween(-0.6f, -0.4f);
      assertThat(read[0]).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void nothingStaysNothing(int bits) {
    for (float size : new float[] {0, Float.MIN_VALUE, Float.MIN_NORMAL}) {
      float[] numbers = new float[BLOCK];
      numbers[1] = size;
      assertThat(bits == 4 ? roundTrip4(numbers, BLOCK) : roundTrip8(numbers)).containsOnly(0f);
    }
  }

  @Test
  void whatIsMissingToABlockReadsAsZero() {
    float[] numbers = normal(new Random(3), 20, 1);
    float[] read = roundTrip4(numbers, 20);
    for (int i = 20; i < BLOCK; i++) {
      assertThat(read[i]).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNoNumberIsRefusedByName(float bad) {
    float[] numbers = new float[BLOCK];
    numbers[7] = bad;
    assertThatThrownBy(() -> quantize(4, numbers, new byte[BLOCK / 2]))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("weight w:")
        .hasMessageContaining(String.valueOf(bad));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void blocksSideBySideAreRoundedAsAlone(int bits) {
    Random random = new Random(4);
    int lanes = BlockQuantizer.LANES - 1;
    float[] numbers = normal(random, BLOCK * lanes, 1);
    int bytes = BLOCK * bits / 8;
    byte[] codes = new byte[lanes * bytes];
    float[] scales = new float[lanes];
    new BlockQuantizer("w", bits)
        .quantize(
            new BlockQuantizer.Blocks(numbers, 0, lanes, lanes, BLOCK),
            new BlockQuantizer.Codes(codes, 0, bytes, BLOCK),
            scales,
            0);
    for (int lane = 0; lane < lanes; lane++) {
      float[] alone = new float[BLOCK];
      for (int i = 0; i < BLOCK; i++) {
        alone[i] = numbers[i * lanes + lane];
      }
      byte[] own = new byte[bytes];
      assertThat(scales[lane]).isEqualTo(quantize(bits, alone, own));
      assertThat(Arrays.copyOfRange(codes, lane * bytes, (lane + 1) * bytes)).isEqualTo(own);
    }
  }

  private static float quantize(int bits, float[] numbers, byte[] codes) {
    float[] scales = new float[1];
    new BlockQuantizer("w", bits)
        .quantize(
            new BlockQuantizer.Blocks(numbers, 0, 1, 1, numbers.length),
            new BlockQuantizer.Codes(codes, 0, 0, BLOCK),
            scales,
            0);
    return scales[0];
  }

  private static float[] normal(Random random, int length, double size) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) (random.nextGaussian() * size);
    }
    return numbers;
  }

  private static float[] roundTrip8(float[] numbers) {
    byte[] codes = new byte[BLOCK];
    float scale = quantize(8, numbers, codes);
    float[] read = new float[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      read[i] = scale * ((codes[i] & 0xff) - 128);
    }
    return read;
  }

  private static float[] roundTrip4(float[] numbers, int length) {
    byte[] codes = new byte[BLOCK / 2];
    float scale = quantize(4, Arrays.copyOf(numbers, length), codes);
    float[] read = new float[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      int code = codes[i / 2] >> (i % 2 == 0 ? 0 : 4) & 15;
      read[i] = scale * (code - 8);
    }
    return read;
  }

  /** The scale that just holds the largest number on both sides. */
  private static float[] plainRounding(float[] numbers) {
    float peak = 0;
    for (float number : numbers) {
      peak = Math.max(peak, Math.abs(number));
    }
    float[] read = new float[numbers.length];
    for (int i = 0; i < read.length; i++) {
      read[i] = Math.round(numbers[i] / peak * 7) * peak / 7;
    }
    return read;
  }

  private static double squaredError(float[] numbers, float[] read) {
    double sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      sum += (read[i] - numbers[i]) * (double) (read[i] - numbers[i]);
    }
    return sum;
  }
}
