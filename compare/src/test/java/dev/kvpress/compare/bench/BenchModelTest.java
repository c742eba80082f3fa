package dev.kvpress.compare.bench;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchModelTest {
  private static final BenchShape TINY = new BenchShape(2, 24, 40, 4, 2, 6, 50, 64, true);

  @TempDir Path folder;

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    byte[] first = weights("a", 7);
    assertThat(weights("b", 7)).isEqualTo(first);
    assertThat(weights("c", 8)).isNotEqualTo(first);
  }

  @Test
  void theFileHoldsEveryWeightWithItsSpread() throws IOException {
    ByteBuffer file = ByteBuffer.wrap(weights("model", 1)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) file.getLong(0);
    assertThat(length % 8).isZero();
    JsonNode header =
        new ObjectMapper().readTree(new String(file.array(), 8, length, StandardCharsets.UTF_8));
    assertThat(header.size()).isEqualTo(1 + 1 + 2 * 9 + 1);
    assertThat(spread(file, 8 + length, header.get("model.embed_tokens.weight")))
        .isCloseTo(0.02, within(0.002));
    assertThat(spread(file, 8 + length, header.get("model.layers.1.mlp.down_proj.weight")))
        .isCloseTo(0.02, within(0.002));
    assertThat(spread(file, 8 + length, header.get("model.norm.weight"))).isEqualTo(1);
    long end = header.get("model.norm.weight").get("data_offsets").get(1).asLong();
    assertThat(file.capacity()).isEqualTo(8 + length + end);
  }

  @Test
  void theRuntimeRunsIt() throws IOException {
    Path model = BenchModel.cached(folder, TINY, 3);
    try (DecoderModel decoder =
            DecoderModel.open(model, DecoderOptions.cpu(folder.resolve("cache")));
        Context context = decoder.start(1, Set.of())) {
      assertThat(decoder.info().kvHeads()).isEqualTo(2);
      context.prefill(PrefillSide.ids(decoder, 9, 0), 4);
      assertThat(context.keptTokens()).isEqualTo(9L * 2 * 2);
    }
  }

  @Test
  void aWholeModelIsNotWrittenTwice() throws IOException {
    Path model = BenchModel.cached(folder, TINY, 3);
    Files.writeString(model.resolve("model.safetensors"), "mark");
    BenchModel.cached(folder, TINY, 3);
    assertThat(model.resolve("model.safetensors")).hasContent("mark");
    assertThat(BenchModel.cached(folder, TINY, 4)).isNotEqualTo(model);
  }

  @ParameterizedTest
  @EnumSource(NumberFormat.class)
  void filesOfAnySizeAndFormatHoldTheSameNumbers(NumberFormat format) throws IOException {
    weights("whole", 7);
    Map<String, SafetensorsFile.Entry> whole =
        SafetensorsFile.read(folder.resolve("whole/model.safetensors"));
    Path pieces = folder.resolve("pieces");
    BenchModel.write(pieces, TINY.config(), format, 7, 4000);
    JsonNode map =
        new ObjectMapper()
            .readTree(pieces.resolve("model.safetensors.index.json").toFile())
            .get("weight_map");
    assertThat(map.size()).isEqualTo(whole.size());
    assertThat(map.valueStream().distinct().count()).isGreaterThan(2);
    for (Map.Entry<String, SafetensorsFile.Entry> expected : whole.entrySet()) {
      Path shard = pieces.resolve(map.get(expected.getKey()).asText());
      float[] found = requireNonNull(SafetensorsFile.read(shard).get(expected.getKey())).read();
      float[] numbers = expected.getValue().read();
      for (int i = 0; i < numbers.length; i++) {
        assertThat(found[i]).isCloseTo(numbers[i], within(step(numbers[i], format)));
      }
    }
  }

  /** At least half the distance of neighbours. */
  private static float step(float number, NumberFormat format) {
    return switch (format) {
      case F32 -> 0;
      case F16 -> Math.max(Math.abs(number) * 0x1p-11f, 0x1p-25f);
      case BF16 -> Math.abs(number) * 0x1p-8f;
    };
  }

  @Test
  void theShapesHaveAsManyNumbersAsTheyAreNamedFor() {
    assertThat(ShapePreset.MILLIONS_25.shape().parameters()).isEqualTo(25_305_600);
    assertThat(ShapePreset.HALF_BILLION.shape().parameters()).isEqualTo(494_005_120);
    assertThat(ShapePreset.BILLIONS_7.shape().parameters()).isEqualTo(7_241_732_096L);
  }

  @Test
  void theCountOfNumbersIsThatOfTheFile() throws IOException {
    BenchShape untied = new BenchShape(2, 24, 40, 4, 2, 6, 50, 64, false);
    for (BenchShape shape : List.of(TINY, untied)) {
      Path model = BenchModel.cached(folder, shape, 3);
      long numbers =
          SafetensorsFile.read(model.resolve("model.safetensors")).values().stream()
              .mapToLong(SafetensorsFile.Entry::elements)
              .sum();
      assertThat(numbers).isEqualTo(shape.parameters());
    }
  }

  @Test
  void refusesImpossibleShapes() {
    assertThatThrownBy(() -> new BenchShape(2, 24, 40, 4, 3, 6, 50, 64, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("multiple of KV heads: 4, 3");
  }

  private byte[] weights(String name, long seed) throws IOException {
    BenchModel.write(
        folder.resolve(name), TINY.config(), NumberFormat.F32, seed, BenchModel.SHARD_BYTES);
    return Files.readAllBytes(folder.resolve(name).resolve("model.safetensors"));
  }

  /** Root mean square of one weight's numbers. */
  private static double spread(ByteBuffer file, int dataStart, JsonNode entry) {
    int from = entry.get("data_offsets").get(0).asInt();
    int to = entry.get("data_offsets").get(1).asInt();
    double squares = 0;
    for (int at = from; at < to; at += 4) {
      double value = file.getFloat(dataStart + at);
      squares += value * value;
    }
    return Math.sqrt(squares * 4 / (to - from));
  }
}
