package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.WeightSizes;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.ort.Provider;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said of weights that the memory does not hold. */
class WeightWordsTest {
  private static final long GIB = 1L << 30;
  private static final MachineMemory MACHINE = new MachineMemory(24 * GIB, OptionalLong.empty());
  private static final WeightSizes SEVEN_BILLION =
      new WeightSizes(
          Set.of(FloatDecoder.BF16),
          false,
          Map.of(
              WeightFormat.STORED, 26 * GIB,
              WeightFormat.F32, 26 * GIB,
              WeightFormat.F16, 26 * GIB,
              WeightFormat.INT8, 7 * GIB,
              WeightFormat.INT4, 4 * GIB));
  private static final ModelWeights INT8 =
      new ModelWeights("int8", Optional.of(WeightFormat.INT8), true, 7 * GIB, true);

  private static String of(WeightFormat format, MachineMemory memory) {
    return WeightWords.of(SEVEN_BILLION, format, Provider.CPU, memory);
  }

  @Test
  void namesWhatWouldFit() {
    assertThat(of(WeightFormat.F32, MACHINE))
        .isEqualTo(
            "weights: f32 (exact for the checkpoint's bfloat16), 26.0 GiB: more than this machine's 24.0 GiB of memory; --weights int8 takes 7.0 GiB, --weights int4 takes 4.0 GiB");
    assertThat(of(WeightFormat.INT8, MACHINE)).endsWith(", 7.0 GiB");
    assertThat(of(WeightFormat.STORED, MACHINE)).isEqualTo(of(WeightFormat.F32, MACHINE));
  }

  @Test
  void saysThatBlocksAreAsTheyAre() {
    WeightSizes blocks = new WeightSizes(Set.of(FloatDecoder.F16), true, SEVEN_BILLION.bytes());
    assertThat(WeightWords.of(blocks, WeightFormat.STORED))
        .startsWith(
            "weights: stored (exact for the checkpoint's blocks of whole numbers and float16; blocks of 4 or 8 bits as they are, all else f32)");
  }

  @Test
  void theLimitOfAContainerCounts() {
    MachineMemory container = new MachineMemory(64 * GIB, OptionalLong.of(5 * GIB));
    assertThat(of(WeightFormat.INT8, container))
        .endsWith("more than this machine's 5.0 GiB of memory; --weights int4 takes 4.0 GiB");
    MachineMemory small = new MachineMemory(3 * GIB, OptionalLong.empty());
    assertThat(of(WeightFormat.INT4, small)).endsWith("it fits in no format");
    assertThat(of(WeightFormat.F32, new MachineMemory(0, OptionalLong.empty())))
        .endsWith("26.0 GiB");
  }

  @Test
  void halvesOfOtherFloatsAreRounded() {
    assertThat(of(WeightFormat.F16, new MachineMemory(64 * GIB, OptionalLong.empty())))
        .contains("f16 (rounded from the checkpoint's bfloat16; the processor");
    assertThat(WeightWords.of(SEVEN_BILLION, WeightFormat.F16, Provider.CUDA, MACHINE))
        .contains("f16 (rounded from the checkpoint's bfloat16)");
    assertThat(WeightWords.of(SEVEN_BILLION, WeightFormat.F32))
        .isEqualTo("weights: f32 (exact for the checkpoint's bfloat16), 26.0 GiB");
  }

  @Test
  void aReferenceThatDoesNotFitIsLeftOutUnlessAskedFor() {
    ReferenceWeights left =
        ReferenceWeights.choose(
                INT8, Optional.of(SEVEN_BILLION), ReferenceWeights.Wish.AUTOMATIC, MACHINE)
            .orElseThrow();
    assertThat(left.format()).isEmpty();
    assertThat(left.missing().orElseThrow())
        .isEqualTo(
            "f32 weights take 26.0 GiB, more than this machine's 24.0 GiB of memory; --reference-weights int4 takes 4.0 GiB");
    ReferenceWeights asked =
        ReferenceWeights.choose(
                INT8,
                Optional.of(SEVEN_BILLION),
                new ReferenceWeights.Wish(true, Optional.of(WeightFormat.F32)),
                MACHINE)
            .orElseThrow();
    assertThat(asked.format()).contains(WeightFormat.F32);
  }
}
