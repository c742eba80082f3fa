package dev.kvpress.peers.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufTypeTest {
  private static final long SEED = 3;

  @Test
  void eightBitsHaveAScaleAndSignedBytes() {
    float[] block = new float[32];
    block[0] = -2;
    block[1] = 1;
    block[31] = 0.5f;
    ByteBuffer bytes = write(GgufType.Q8_0, block);
    assertThat(bytes.capacity()).isEqualTo(34);
    // 2/127 in binary16.
    assertThat(bytes.getShort(0)).isEqualTo((short) 0x2408);
    assertThat(bytes.get(2)).isEqualTo((byte) -127);
    assertThat(bytes.get(3)).isEqualTo((byte) 64);
    assertThat(bytes.get(33)).isEqualTo((byte) 32);
  }

  @Test
  void fourBitsGiveTheLargestNumberZeroAndPairNumbersHalfABlockApart() {
    float[] block = new float[32];
    block[0] = 4;
    block[16] = -4;
    block[1] = 0.5f;
    block[17] = -3.5f;
    ByteBuffer bytes = write(GgufType.Q4_0, block);
    assertThat(bytes.capacity()).isEqualTo(18);
    // The scale is 4 / -8, which makes 4 a 0, -4 a 16 that is cut to 15, and 0 an 8.
    assertThat(bytes.getShort(0)).isEqualTo((short) 0xb800);
    assertThat(bytes.get(2)).isEqualTo((byte) 0xf0);
    assertThat(bytes.get(3)).isEqualTo((byte) 0xf7);
    assertThat(bytes.get(4)).isEqualTo((byte) 0x88);
  }

  @ParameterizedTest
  @EnumSource(GgufType.class)
  void whatIsReadIsNearWhatWasWritten(GgufType type) {
    float[] values = new float[320];
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 32; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    float[] read = type.read(write(type, values), values.length);
    double step =
        switch (type) {
          case F32 -> 0;
          case Q8_0 -> 1 / 127.0;
          case Q4_0 -> 1 / 8.0;
        };
    for (int i = 0; i < values.length; i++) {
      // Half a step; at the far end of 4 bits, where 16 is cut to 15, a whole one.
      double most = type == GgufType.Q4_0 ? step : step / 2;
      assertThat(read[i]).isCloseTo(values[i], within((float) (most * 1.01)));
    }
    assertThat(read[5]).isZero();
  }

  private static ByteBuffer write(GgufType type, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    type.put(values, bytes);
    assertThat(bytes.hasRemaining()).isFalse();
    return bytes.flip();
  }
}
