package dev.kvpress.runtime.cache.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.packed.PackedGroups.Part;
import dev.kvpress.runtime.file.FloatDecoder;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout that graphs read, against formulas written down a second time. */
class GroupPackerTest {
  private static final int HEADS = 2;
  private static final int GROUPS = 3;

  private final BufferPool pool = new BufferPool();

  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (random.nextGaussian() * 2 + i % 3);
    }
    return numbers;
  }

  private static float half(ByteBuffer bytes, int index) {
    return FloatDecoder.halfToFloat(bytes.getShort(2 * index));
  }

  @ParameterizedTest
  @CsvSource({
    "8,32,64,32",
    "4,32,64,32",
    "2,32,64,32",
    "2,16,8,8",
    "4,5,6,3",
    "8,1,5,5",
    "2,3,4,1"
  })
  void laysChannelsOfATokenOverTheBitsOfItsBytes(int bits, int tokens, int size, int channels) {
    BlockShape shape = new BlockShape(bits, tokens, size, channels);
    PackedGroups groups = new PackedGroups(pool, shape, HEADS, GROUPS);
    GroupPacker packer = new GroupPacker(shape);
    int planes = size * bits / 8;
    float[] keys = numbers(tokens * size, 1);
    float[] values = numbers(size, 2);
    int head = 1;
    int group = 2;
    int slot = GROUPS * tokens - 1;
    packer.packKeys(keys, groups, head, group);
    packer.packValue(values, 0, groups, head, slot);

    float[] unpackedKeys = new float[tokens * size];
    packer.unpackKeys(groups, head, group, unpackedKeys);
    ByteBuffer codes = groups.tensor(Part.KEY_CODES);
    for (int t = 0; t < tokens; t++) {
      for (int d = 0; d < size; d++) {
        int at = ((head * GROUPS + group) * planes + d % planes) * tokens + t;
        int code = (codes.get(at) & 0xff) >> bits * (d / planes) & (1 << bits) - 1;
        int block = (head * GROUPS + group) * size + d;
        float scale = half(groups.tensor(Part.KEY_SCALES), block);
        float read = scale * code + half(groups.tensor(Part.KEY_MINIMA), block);
        assertThat(unpackedKeys[t * size + d]).isEqualTo(read);
        assertThat(Math.abs(read - keys[t * size + d])).isLessThanOrEqualTo(0.63f * scale);
      }
    }
    float[] unpackedValue = new float[size + 1];
    packer.unpackValue(groups, head, slot, unpackedValue, 1);
    for (int d = 0; d < size; d++) {
      int token = head * GROUPS * tokens + slot;
      int code =
          (groups.tensor(Part.VALUE_CODES).get(token * planes + d % planes) & 0xff)
                  >> bits * (d / planes)
              & (1 << bits) - 1;
      int block = token * (size / channels) + d / channels;
      float scale = half(groups.tensor(Part.VALUE_SCALES), block);
      float read = scale * code + half(groups.tensor(Part.VALUE_MINIMA), block);
      assertThat(unpackedValue[d + 1]).isEqualTo(read);
      assertThat(Math.abs(read - values[d])).isLessThanOrEqualTo(0.63f * scale + 1e-6f);
    }
    groups.release();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void namesWhatCannotBeQuantised() {
    BlockShape shape = new BlockShape(4, 2, 4, 4);
    PackedGroups groups = new PackedGroups(pool, shape, HEADS, 1);
    GroupPacker packer = new GroupPacker(shape);
    float[] keys = new float[8];
    keys[6] = Float.NaN;
    assertThatThrownBy(() -> packer.packKeys(keys, groups, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("channel 2 of the keys of head 1")
        .hasMessageContaining("no finite numbers");
    float[] value = {0, 1, Float.POSITIVE_INFINITY, 2};
    assertThatThrownBy(() -> packer.packValue(value, 0, groups, 0, 0))
        .hasMessageContaining("the values of head 0");
    float[] large = {0, 1, 3e7f, 2};
    assertThatThrownBy(() -> packer.packValue(large, 0, groups, 0, 0))
        .hasMessageContaining("beyond what float16 scales hold");
  }

  @Test
  void takesBlocksThatDivideTheHeadSize() {
    assertThat(BlockShape.of(4, 32, 80).channels()).isEqualTo(20);
    assertThat(BlockShape.of(4, 32, 8).channels()).isEqualTo(8);
    assertThatThrownBy(() -> BlockShape.of(3, 32, 8))
        .hasMessageContaining("bits must be 8, 4 or 2");
    assertThatThrownBy(() -> BlockShape.of(2, 32, 6)).hasMessageContaining("whole bytes");
  }
}
