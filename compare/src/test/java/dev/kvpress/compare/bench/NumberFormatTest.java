package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.runtime.file.FloatDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NumberFormatTest {
  private static final long SEED = 5;

  @Test
  void everyHalfComesBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = widened(FloatDecoder.F16, bits);
      if (!Float.isNaN(value)) {
        assertThat(FloatDecoder.floatToHalf(value)).as("bits %x", bits).isEqualTo((short) bits);
      }
    }
    assertThat(widened(FloatDecoder.F16, FloatDecoder.floatToHalf(Float.NaN))).isNaN();
  }

  @Test
  void halvesRoundToTheNearestAndOfTwoAsNearToTheEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = widened(FloatDecoder.F16, bits);
      float high = widened(FloatDecoder.F16, bits + 1);
      // Exact in float32, which has 13 bits more.
      float middle = low + (high - low) / 2;
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(FloatDecoder.floatToHalf(middle)).isEqualTo((short) even);
      assertThat(FloatDecoder.floatToHalf(-Math.nextDown(middle)))
          .isEqualTo((short) (bits | 0x8000));
      assertThat(FloatDecoder.floatToHalf(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
    }
    assertThat(FloatDecoder.floatToHalf(65519.996f)).isEqualTo((short) 0x7bff);
    assertThat(FloatDecoder.floatToHalf(65520f)).isEqualTo((short) 0x7c00);
  }

  @Test
  void bfloatsRoundToTheNearest() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 10_000; i++) {
      float value = (float) random.nextDouble(-3, 3);
      float found = widened(FloatDecoder.BF16, NumberFormat.BF16.bits(value));
      assertThat(found).isCloseTo(value, within(Math.abs(value) * 0x1p-8f));
    }
    assertThat(NumberFormat.BF16.bits(Float.intBitsToFloat(0x3f808000))).isEqualTo(0x3f80);
    assertThat(NumberFormat.BF16.bits(Float.intBitsToFloat(0x3f818000))).isEqualTo(0x3f82);
  }

  @Test
  void tableNumbersAreNormal() {
    int count = 1 << 20;
    ByteBuffer out = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    new NormalTable(0.5, NumberFormat.F32).put(out, count, new SplittableRandom(SEED));
    double[] moments = new double[5];
    int within = 0;
    for (int i = 0; i < count; i++) {
      double value = out.getFloat(4 * i) / 0.5;
      for (int m = 1; m < moments.length; m++) {
        moments[m] += Math.pow(value, m) / count;
      }
      within += Math.abs(value) < 1 ? 1 : 0;
    }
    assertThat(moments[1]).isCloseTo(0, within(0.005));
    assertThat(moments[2]).isCloseTo(1, within(0.01));
    assertThat(moments[3]).isCloseTo(0, within(0.02));
    assertThat(moments[4]).isCloseTo(3, within(0.1));
    assertThat((double) within / count).isCloseTo(0.6827, within(0.005));
  }

  private static float widened(FloatDecoder decoder, int bits) {
    ByteBuffer two = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    two.putShort(0, (short) bits);
    return decoder.widened(two)[0];
  }
}
