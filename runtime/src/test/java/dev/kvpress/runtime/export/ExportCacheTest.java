package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportCacheTest {
  @TempDir Path folder;
  private Path model;
  private Path dir;

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyCheckpoint.llama().write(folder.resolve("model"));
    dir = folder.resolve("a/cache");
  }

  @Test
  void secondCallWritesNothing() throws IOException {
    ExportedModel first = ExportCache.of(dir).export(model);
    FileTime written = Files.getLastModifiedTime(first.folder().resolve("weights.bin"));
    ExportedModel second = ExportCache.of(dir).export(model);
    assertThat(second).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first.folder().resolve("weights.bin"))).isEqualTo(written);
    try (var entries = Files.list(first.folder())) {
      assertThat(entries.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "decoder.onnx", "decoder_fused.onnx", "weights.bin", "model.json");
    }
  }

  @Test
  void contentDecidesAndNotThePath() throws IOException {
    ExportedModel first = ExportCache.of(dir).export(model);
    Path copy = TinyCheckpoint.llama().write(folder.resolve("copy"));
    assertThat(ExportCache.of(dir).export(copy).folder()).isEqualTo(first.folder());
    Path other = TinyCheckpoint.llama().config("rope_theta", "500.0").write(folder.resolve("copy"));
    assertThat(ExportCache.of(dir).export(other).folder()).isNotEqualTo(first.folder());
  }

  @Test
  void rememberedHashesAreUsedAndChangesNoticed() throws IOException {
    Instant old = Instant.now().minusSeconds(60);
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.setLastModifiedTime(model.resolve(name), FileTime.from(old));
    }
    ExportedModel first = ExportCache.of(dir).export(model);
    Path memory = dir.resolve("hashes.properties");
    assertThat(Files.readString(memory)).doesNotContain(folder.toString()).hasLineCount(2);
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertThat(ExportCache.of(dir).export(model).folder()).isNotEqualTo(first.folder());
    Files.writeString(memory, "\\u12 broken");
    assertThat(ExportCache.of(dir).export(model).folder()).isNotEqualTo(first.folder());
  }

  @Test
  void anEntryWithAHoleIsBuiltAnew() throws IOException {
    ExportedModel first = ExportCache.of(dir).export(model);
    Path weights = first.folder().resolve("weights.bin");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, new byte[10]);
    Files.delete(first.fused());
    ExportedModel again = ExportCache.of(dir).export(model);
    assertThat(again).isEqualTo(first);
    assertThat(Files.readAllBytes(weights)).isEqualTo(whole);
    assertThat(again.fused()).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights.bin", "decoder.onnx", "decoder_fused.onnx"})
  void anEntryWithOtherBytesIsBuiltAnew(String name) throws IOException {
    ExportedModel first = ExportCache.of(dir).export(model);
    Path file = first.folder().resolve(name);
    byte[] whole = Files.readAllBytes(file);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(file, flipped);
    assertThat(ExportCache.of(dir).export(model)).isEqualTo(first);
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void aFailedBuildLeavesNoEntry() throws IOException {
    ExportCache.of(dir).export(model);
    try (var before = Files.list(dir)) {
      assertThat(before.filter(Files::isDirectory)).hasSize(1);
    }
    Files.write(model.resolve("model.safetensors"), new byte[100]);
    assertThatThrownBy(() -> ExportCache.of(dir).export(model)).isInstanceOf(ModelException.class);
    try (var after = Files.list(dir)) {
      assertThat(after.filter(Files::isDirectory)).hasSize(1);
    }
  }

  @Test
  void whatACrashLeftIsNeverTakenAndRemovedAfterADay() throws IOException {
    Path fresh = Files.createDirectories(dir.resolve("0123456789abcdef.building1"));
    Path old = Files.createDirectories(dir.resolve("0123456789abcdef.building2"));
    Files.createFile(old.resolve("weights.bin"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(100_000)));
    ExportCache.of(dir).export(model);
    assertThat(fresh).exists();
    assertThat(old).doesNotExist();
  }

  @Test
  void manyAtOnceMakeOneEntry() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Callable<ExportedModel> export = () -> ExportCache.of(dir).export(model);
      List<Future<ExportedModel>> all = pool.invokeAll(List.of(export, export, export, export));
      for (Future<ExportedModel> one : all) {
        assertThat(one.get()).isEqualTo(all.get(0).get());
      }
    } finally {
      pool.shutdown();
    }
    try (var entries = Files.list(dir)) {
      assertThat(entries.filter(Files::isDirectory)).hasSize(1);
    }
  }

  @Test
  void descriptionTellsTheProvenanceWithoutPaths() throws IOException {
    ExportedModel exported = ExportCache.of(dir).export(model);
    String text = Files.readString(exported.folder().resolve("model.json"));
    assertThat(text).doesNotContain(folder.toString()).contains("model.safetensors");
    String config = JsonMapper.builder().build().readTree(text).get("config").toString();
    assertThat(DecoderConfig.fromJson(config, "model.json")).isEqualTo(exported.config());
    assertThatThrownBy(() -> DecoderConfig.fromJson("{}", "model.json"))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("model.json: no decoder configuration");
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> ExportCache.of(file.resolve("cache")).export(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cannot cache the export");
  }
}
