package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as the hub, Git and other tools leave them: read, or refused with the way out. */
class FoundFoldersTest {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:"
          + "0".repeat(64)
          + "\nsize 976698672\n";

  @TempDir Path folder;
  private StoredModel model;
  private Path home;

  @BeforeEach
  void readModel() throws IOException {
    model = StoredModel.read(TinyCheckpoint.llama().write(folder.resolve("source")));
    home = folder.resolve("home");
  }

  // Which files

  @Test
  void oneFileIsTakenBeforeAnIndexAndSaid() throws IOException {
    model.writeShards(home, 2, INDEX);
    String norm = "model.norm.weight";
    byte[] shards = norm(home);
    model.alter(norm).write(home);
    Checkpoint both = Checkpoint.open(home);
    assertThat(both.notices()).singleElement().asString().contains(SINGLE, INDEX);
    assertThat(norm(home)).isNotEqualTo(shards);
    assertThat(both.files()).extracting(f -> f.getFileName().toString()).doesNotContain(INDEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pytorch_model.safetensors", "model.fp16.safetensors", "weights.safetensors"})
  void theOnlyFileOfAnotherNameIsTakenAndSaid(String name) throws IOException {
    assertThat(Checkpoint.open(model.write(home, name)).notices())
        .singleElement()
        .asString()
        .contains(name);
    model.write(home, "another.safetensors");
    assertRefused(home, "several files could hold the weights", name, "another.safetensors");
    model.write(home, SINGLE);
    assertThat(Checkpoint.open(home).notices()).isEmpty();
  }

  @Test
  void shardsWithoutAnIndexAreTakenIfAllAreThere() throws IOException {
    model.writeShards(home, 3, INDEX);
    byte[] indexed = norm(home);
    Files.delete(home.resolve(INDEX));
    assertThat(Checkpoint.open(home).notices()).hasSize(1);
    assertThat(norm(home)).isEqualTo(indexed);
    Files.delete(home.resolve("model-00002-of-00003.safetensors"));
    assertRefused(home, INDEX + " is missing", "of 3 files only 2");
  }

  @Test
  void missingShardsAreCounted() throws IOException {
    model.writeShards(home, 3, INDEX);
    Files.delete(home.resolve("model-00001-of-00003.safetensors"));
    Files.delete(home.resolve("model-00003-of-00003.safetensors"));
    assertRefused(home, "model-00001-of-00003", "no such file", "2 of 3 files are missing");
  }

  @Test
  void anIndexThatIsWrongIsRefused() throws IOException {
    model.writeShards(home, 2, INDEX);
    Path index = home.resolve(INDEX);
    String good = Files.readString(index);
    Files.writeString(index, good.replace("\"model.norm.weight\"", "\"model.norm.bias\""));
    assertRefused(home, "tensor model.norm.bias is missing, although", INDEX);
    Files.writeString(
        index, good.replaceFirst("model-00001-of-00002(.safetensors\")", "model-00002-of-00002$1"));
    assertRefused(home, "is missing, although");
    Files.writeString(index, "{\"weight_map\":{}}");
    assertRefused(home, "names no tensor");
  }

  @Test
  void tensorsThatAnIndexForgetsAreReadAllTheSame() throws IOException {
    model.zeros("model.layers.0.mlp.gate_proj.bias", "F32", 4, 48).writeShards(home, 2, INDEX);
    Path index = home.resolve(INDEX);
    String good = Files.readString(index);
    Files.writeString(
        index, good.replaceFirst(",\"model.layers.0.mlp.gate_proj.bias\":\"[^\"]*\"", ""));
    assertThat(Files.readString(index)).isNotEqualTo(good);
    assertRefused(home, "gate_proj.bias has no place");
  }

  @Test
  void aShardThatNoIndexNamesIsLeftOutAndSaid() throws IOException {
    model.writeShards(home, 2, INDEX);
    Files.copy(
        home.resolve("model-00001-of-00002.safetensors"),
        home.resolve("model-00003-of-00003.safetensors"));
    assertThat(Checkpoint.open(home).notices())
        .singleElement()
        .asString()
        .contains("model-00003-of-00003.safetensors");
  }

  // The hub's cache

  @Test
  void linksIntoBlobsAreFollowedUnderTheirOwnNames() throws IOException {
    Path repository = hub("0123abc");
    Path snapshot = repository.resolve("snapshots/0123abc");
    Checkpoint linked = Checkpoint.open(snapshot);
    assertThat(linked.files())
        .extracting(f -> f.getFileName().toString())
        .containsExactly("config.json", SINGLE);
    ExportCache cache = ExportCache.of(folder.resolve("cache"));
    assertThat(cache.export(repository).folder())
        .isEqualTo(cache.export(model.write(home)).folder());
    assertThat(Files.readString(cache.export(repository).folder().resolve("model.json")))
        .contains(SINGLE)
        .doesNotContain("blob");
  }

  @Test
  void aRepositoryOfTheHubIsItsOnlySnapshotOrListsThem() throws IOException {
    Path repository = hub("0123abc");
    assertThat(Checkpoint.open(repository).files().get(0).toString()).contains("0123abc");
    hub("4567def");
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), "4567def\n");
    assertRefused(repository, "several snapshots", "main is 4567def", "0123abc");
    assertRefused(folder.resolve("hub"), "models--me--demo", "no model lies here");
    assertRefused(repository.resolve("snapshots"), "4567def");
  }

  @Test
  void aLinkToNothingIsNamed() throws IOException {
    Path snapshot = hub("0123abc").resolve("snapshots/0123abc");
    Files.delete(folder.resolve("hub/models--me--demo/blobs/b1"));
    assertRefused(snapshot, SINGLE, "leads to nothing", "blobs/b1");
    Files.delete(folder.resolve("hub/models--me--demo/blobs/a1"));
    assertRefused(snapshot, "config.json", "leads to nothing");
  }

  @Test
  void weightsBehindLinksAreNotShared() throws IOException {
    Path snapshot = hub("0123abc").resolve("snapshots/0123abc");
    Checkpoint checkpoint = Checkpoint.open(snapshot);
    ExportOptions shared =
        new ExportOptions(ExportOptions.DEFAULT.form(), ExportOptions.DEFAULT.signals(), 0, true);
    assertThatThrownBy(
            () -> ModelExporter.export(checkpoint, snapshot.resolve("shared.onnx"), shared))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll("through links", "weights of its own");
  }

  /** Lays the model out as the hub's cache does, with one more snapshot at each call. */
  private Path hub(String revision) throws IOException {
    Path repository = folder.resolve("hub/models--me--demo");
    Path blobs = Files.createDirectories(repository.resolve("blobs"));
    Path plain = model.write(folder.resolve("plain"));
    Files.move(
        plain.resolve("config.json"), blobs.resolve("a1"), StandardCopyOption.REPLACE_EXISTING);
    Files.move(plain.resolve(SINGLE), blobs.resolve("b1"), StandardCopyOption.REPLACE_EXISTING);
    Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(revision));
    Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("../../blobs/a1"));
    Files.createSymbolicLink(snapshot.resolve(SINGLE), Path.of("../../blobs/b1"));
    return repository;
  }

  // Git LFS

  @ParameterizedTest
  @ValueSource(strings = {"config.json", SINGLE, INDEX, "model-00002-of-00002.safetensors"})
  void pointersOfGitLfsAreNamed(String name) throws IOException {
    if (name.equals("config.json") || name.equals(SINGLE)) {
      model.write(home);
    } else {
      model.writeShards(home, 2, INDEX);
    }
    Files.writeString(home.resolve(name), POINTER);
    assertRefused(home, name, "Git LFS pointer", "976698672 bytes", "git lfs pull");
  }

  @Test
  void aPointerForALlama2cFileIsNamed() throws IOException {
    Path file = folder.resolve("stories.bin");
    Files.writeString(file, POINTER);
    assertRefused(file, "Git LFS pointer");
    assertRefused(
        Files.move(file, Files.createDirectories(home).resolve("s.bin")).getParent(), "Git LFS");
  }

  // Other forms

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin,safe_serialization=True",
    "pytorch_model-00001-of-00002.bin,safe_serialization=True",
    "pytorch_model.bin.index.json,safe_serialization=True",
    "model.pth,safe_serialization=True",
    "model.pt,safe_serialization=True",
    "last.ckpt,safe_serialization=True",
    "tf_model.h5,from_tf=True",
    "flax_model.msgpack,from_flax=True",
    "model-q4_k_m.gguf,llama.cpp",
    "consolidated.00.pth,Hugging Face form",
    "consolidated.safetensors,Hugging Face form"
  })
  void otherFormsAreRefusedWithTheWayOut(String name, String advice) throws IOException {
    model.writeConfig(home);
    Files.write(home.resolve(name), new byte[] {'P', 'K', 3, 4});
    assertRefused(home, name, advice);
    Files.delete(home.resolve("config.json"));
    assertRefused(home, name, advice);
    if (!name.endsWith(".json") && !name.endsWith(".safetensors")) {
      assertRefused(home.resolve(name), name, advice);
    }
    model.write(home);
    assertThat(Checkpoint.open(home).notices()).isEmpty();
  }

  @Test
  void aPickledFileOfAnyNameIsNoLlama2cCheckpoint() throws IOException {
    Files.createDirectories(home);
    Files.write(home.resolve("weights.bin"), new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 0});
    assertRefused(home, "found neither");
    assertRefused(home.resolve("weights.bin"), "expected a folder with config.json");
  }

  @Test
  void adaptersAreRefusedWithAndWithoutAModelBesideThem() throws IOException {
    Files.createDirectories(home);
    Files.writeString(
        home.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"me/base\"}");
    Files.createFile(home.resolve("adapter_model.safetensors"));
    assertRefused(home, "adapter", "me/base", "merge_and_unload");
    model.write(home);
    assertRefused(home, "adapter", "me/base", "merge_and_unload");
  }

  @Test
  void foldersWithoutAModelSayWhatTheyAre() throws IOException {
    Files.createDirectories(home);
    assertRefused(home, "the folder is empty");
    Files.writeString(home.resolve("tokenizer.json"), "{}");
    assertRefused(home, "a tokenizer only");
    model.write(home.resolve("llama"));
    assertRefused(home, "one in a folder of it; give " + home.resolve("llama"));
    model.write(home.resolve("other"));
    assertRefused(home, "2 in its folders", "llama", "other");
    model.write(home);
    Files.delete(home.resolve("config.json"));
    assertRefused(home, "config.json is missing beside the weights");
  }

  @Test
  void aConfigurationAloneIsNoModel() throws IOException {
    assertRefused(model.writeConfig(home), SINGLE, "the weights are missing");
  }

  private static byte[] norm(Path folder) throws IOException {
    return FolderVariantsTest.numbers(Checkpoint.open(folder)).get("model.norm.weight");
  }

  private static void assertRefused(Path path, String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(path))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }
}
