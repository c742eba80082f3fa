package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.file.FloatDecoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightSizesTest {
  private static final Path DEMO = Path.of("..", "test-data", "models", "demo");

  @TempDir Path cache;

  private static WeightSizes of(FloatDecoder... types) {
    return of(false, types);
  }

  private static WeightSizes of(boolean quantized, FloatDecoder... types) {
    return new WeightSizes(
        Set.of(types),
        quantized,
        Map.of(
            WeightFormat.STORED, 3L,
            WeightFormat.F32, 8L,
            WeightFormat.F16, 4L,
            WeightFormat.INT8, 2L,
            WeightFormat.INT4, 1L));
  }

  @Test
  void halvesAreExactForHalvesOnly() {
    assertThat(of(FloatDecoder.F16).isExact(WeightFormat.F16)).isTrue();
    assertThat(of(FloatDecoder.F16, FloatDecoder.F32).isExact(WeightFormat.F16)).isFalse();
    assertThat(of(FloatDecoder.BF16).isExact(WeightFormat.F16)).isFalse();
    assertThat(of(FloatDecoder.BF16).isExact(WeightFormat.F32)).isTrue();
    assertThat(of(FloatDecoder.F16).isExact(WeightFormat.INT8)).isFalse();
  }

  @Test
  void blocksAreKeptByTheirOwnFormatAndByWideNumbers() {
    WeightSizes blocks = of(true, FloatDecoder.F16);
    assertThat(blocks.isExact(WeightFormat.STORED)).isTrue();
    assertThat(blocks.isExact(WeightFormat.F32)).isTrue();
    assertThat(blocks.isExact(WeightFormat.F16)).isFalse();
    assertThat(blocks.settled(WeightFormat.STORED)).isEqualTo(WeightFormat.STORED);
    assertThat(of(FloatDecoder.F16).settled(WeightFormat.STORED)).isEqualTo(WeightFormat.F32);
  }

  /** What is said before an export is what the exported graph then holds. */
  @ParameterizedTest
  @EnumSource
  void saysBeforehandWhatTheGraphHolds(WeightFormat asked) {
    WeightSizes sizes = ModelWeights.sizes(DEMO).orElseThrow();
    WeightFormat format = sizes.settled(asked);
    assertThat(sizes.types()).containsExactly(FloatDecoder.F16);
    try (DecoderModel model = DecoderModel.open(DEMO, DecoderOptions.cpu(cache).with(asked))) {
      ModelWeights weights = model.info().weights();
      assertThat(weights.label()).isEqualTo(format.label());
      assertThat(weights.format()).contains(format);
      assertThat(weights.quantized()).isEqualTo(format.isQuantized());
      assertThat(weights.exported()).isTrue();
      // The graph also has small constants of its own.
      assertThat(weights.bytes()).isBetween(sizes.bytes(format), sizes.bytes(format) + (64 << 10));
    }
  }

  @Test
  void halvesTakeHalfWhereNothingWidensThem() {
    Checkpoint demo = Checkpoint.open(DEMO);

    long wide = demo.weightSizes(true).bytes(WeightFormat.F16);
    long narrow = demo.weightSizes(false).bytes(WeightFormat.F16);

    assertThat(wide).isEqualTo(demo.weightSizes(true).bytes(WeightFormat.F32));
    assertThat((double) narrow / wide).isBetween(0.5, 0.51);
  }
}
