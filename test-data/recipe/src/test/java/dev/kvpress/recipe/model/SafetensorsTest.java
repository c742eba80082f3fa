package dev.kvpress.recipe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.recipe.model.Safetensors.Tensor;
import dev.kvpress.recipe.model.Safetensors.Type;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @Test
  void givesBackFloatsExactlyAndHalvesRounded(@TempDir Path folder) throws Exception {
    float[] values = new float[15];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", new Tensor(new long[] {3, 5}, values));
    tensors.put("a", new Tensor(new long[] {1}, new float[] {4f}));
    for (Type type : Type.values()) {
      Path file = folder.resolve(type + ".safetensors");
      Safetensors.write(file, tensors, type);
      Map<String, Tensor> read = Safetensors.read(file);
      assertThat(read.keySet()).containsExactly("b", "a");
      assertThat(read.get("b").dimensions()).containsExactly(3, 5);
      float error = type == Type.F32 ? 0f : type == Type.F16 ? 2e-3f : 2e-2f;
      for (int i = 0; i < values.length; i++) {
        assertThat(read.get("b").values()[i]).isCloseTo(values[i], within(error));
      }
      assertThat(read.get("a").values()).containsExactly(4f);
    }
  }

  @Test
  void everyHalfComesBackFromItsFloat() {
    for (int bits = 0; bits < 0x7C00; bits++) {
      short half = (short) bits;
      assertThat(HalfPrecision.toF16(HalfPrecision.fromF16(half))).isEqualTo(half);
      short negative = (short) (bits | 0x8000);
      assertThat(HalfPrecision.toF16(HalfPrecision.fromF16(negative))).isEqualTo(negative);
    }
  }

  @Test
  void halvesRoundToEven() {
    assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(2049f))).isEqualTo(2048f);
    assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(2051f))).isEqualTo(2052f);
    assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(257f))).isEqualTo(256f);
  }

  @Test
  void refusesWhatDoesNotFitInHalfPrecision() {
    assertThatThrownBy(() -> HalfPrecision.toF16(1e6f))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLlamaLayoutKeepsEveryWeight(@TempDir Path folder) throws Exception {
    Shape shape = new Shape(20, 8, 2, 4, 2, 2, 12, 64, 10_000);
    Map<String, float[]> weights = new LinkedHashMap<>();
    Random random = new Random(2);
    shape
        .parameters()
        .forEach(
            (name, size) -> {
              float[] w = new float[(int) (size[0] * (size.length > 1 ? size[1] : 1))];
              for (int i = 0; i < w.length; i++) {
                w[i] = HalfPrecision.fromF16(HalfPrecision.toF16((float) random.nextGaussian()));
              }
              weights.put(name, w);
            });
    HuggingFace.write(folder, shape, weights);
    Map<String, float[]> read = HuggingFace.read(folder, shape);
    weights.forEach((name, w) -> assertThat(read.get(name)).as(name).containsExactly(w));
  }
}
