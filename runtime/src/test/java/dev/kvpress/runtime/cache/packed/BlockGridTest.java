package dev.kvpress.runtime.cache.packed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.file.FloatDecoder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockGridTest {

  private static float[] unpacked(BlockGrid grid, float[] block) {
    float scale = FloatDecoder.halfToFloat(grid.scale());
    float minimum = FloatDecoder.halfToFloat(grid.minimum());
    float[] values = new float[block.length];
    for (int i = 0; i < block.length; i++) {
      values[i] = scale * grid.code(block[i]) + minimum;
    }
    return values;
  }

  private static boolean fit(BlockGrid grid, float[] block) {
    float min = block[0];
    float max = block[0];
    for (float value : block) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return grid.fit(min, max);
  }

  private static float[] block(Random random, int size, double offset, double spread) {
    float[] block = new float[size];
    for (int i = 0; i < size; i++) {
      block[i] = (float) (offset + spread * random.nextGaussian());
    }
    return block;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void isOffByHalfAScaleAndTheRoundingOfTheScaleAtMost(int bits) {
    int top = (1 << bits) - 1;
    Random random = new Random(bits);
    for (int round = 0; round < 2000; round++) {
      double offset = random.nextGaussian() * Math.pow(10, random.nextInt(4) - 1);
      float[] block =
          block(random, 1 + random.nextInt(40), offset, Math.pow(10, -random.nextInt(4)));
      BlockGrid grid = new BlockGrid(top);
      assertThat(fit(grid, block)).isTrue();
      float[] values = unpacked(grid, block);
      double scale = FloatDecoder.halfToFloat(grid.scale());
      for (int i = 0; i < block.length; i++) {
        double minimum = Math.abs(FloatDecoder.halfToFloat(grid.minimum()));
        // Below the smallest normal float16 rounding is absolute.
        double most =
            scale * (0.5 + top * 0x1p-11)
                + minimum * 0x1p-11 / top
                + top * 0x1p-25
                + Math.abs(block[i]) * 0x1p-23;
        assertThat(Math.abs(values[i] - block[i])).isLessThanOrEqualTo((float) most);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void hasNoLargerScaleThanItsSpanNeeds(int bits) {
    int top = (1 << bits) - 1;
    Random random = new Random(10 + bits);
    for (int round = 0; round < 500; round++) {
      float[] block = block(random, 32, random.nextGaussian(), 1);
      BlockGrid grid = new BlockGrid(top);
      fit(grid, block);
      double span = 0;
      for (float value : block) {
        span = Math.max(span, value - FloatDecoder.halfToFloat(grid.minimum()));
      }
      assertThat((double) FloatDecoder.halfToFloat(grid.scale()))
          .isLessThanOrEqualTo(span / top * (1 + 0x1p-11));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void packsWhatItHasUnpackedToTheSameCodes(int bits) {
    int top = (1 << bits) - 1;
    Random random = new Random(20 + bits);
    for (int round = 0; round < 5000; round++) {
      double offset = random.nextGaussian() * Math.pow(10, random.nextInt(6) - 2);
      float[] block =
          block(random, 1 + random.nextInt(40), offset, Math.pow(10, 1 - random.nextInt(6)));
      BlockGrid first = new BlockGrid(top);
      fit(first, block);
      float[] values = unpacked(first, block);
      BlockGrid second = new BlockGrid(top);
      fit(second, values);
      assertThat(second.minimum()).isEqualTo(first.minimum());
      assertThat(unpacked(second, values)).isEqualTo(values);
      assertThat(second.scale()).isEqualTo(first.scale());
      for (int i = 0; i < block.length; i++) {
        assertThat(second.code(values[i])).isEqualTo(first.code(block[i]));
      }
    }
  }

  @Test
  void holdsEqualValuesThatFloat16HoldsExactly() {
    for (float value : new float[] {0f, -0f, 1f, -2.5f, 20f, 0x1p-24f}) {
      BlockGrid grid = new BlockGrid(3);
      float[] block = {value, value, value};
      assertThat(fit(grid, block)).isTrue();
      assertThat(unpacked(grid, block)).containsOnly(value + 0f);
    }
  }

  @Test
  void refusesWhatFloat16CannotHold() {
    assertThat(new BlockGrid(3).fit(-1e6f, 0)).isFalse();
    assertThat(new BlockGrid(3).fit(0, 1e6f)).isFalse();
    assertThat(new BlockGrid(255).fit(0, 1e6f)).isTrue();
  }
}
