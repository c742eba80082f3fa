package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.UsedWeight;
import dev.kvpress.runtime.file.FloatDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However a model is stored, the same graph and the very same numbers come out, for every
 * architecture of which there is a folder.
 */
class FolderVariantsTest {
  private static final List<Path> ROOTS =
      List.of(
          Path.of("../test-data/reference/architectures"),
          Path.of("../test-data/models"),
          Path.of(System.getProperty("kvpress.shared", "../shared"), "models/hf-tiny"),
          Path.of("../../shared/models/hf-tiny"));

  /** A way to store a model. */
  private interface Writing {
    Path write(StoredModel model, Path folder) throws IOException;
  }

  private static final String INDEX = "model.safetensors.index.json";

  private static final Map<String, Writing> WRITINGS = new LinkedHashMap<>();

  static {
    WRITINGS.put("F16", (m, f) -> m.types(name -> FloatDecoder.F16).write(f));
    WRITINGS.put("BF16", (m, f) -> m.types(name -> FloatDecoder.BF16).write(f));
    WRITINGS.put(
        "each tensor its own format",
        (m, f) -> m.types(n -> FloatDecoder.values()[Math.floorMod(n.hashCode(), 3)]).write(f));
    WRITINGS.put("three shards", (m, f) -> m.writeShards(f, 3, INDEX));
    WRITINGS.put(
        "shards in F16 under a variant",
        (m, f) ->
            m.types(n -> FloatDecoder.F16).writeShards(f, 2, "model.safetensors.index.fp16.json"));
    WRITINGS.put("a file of another name", (m, f) -> m.write(f, "model.fp16.safetensors"));
    WRITINGS.put("without the head's prefix", (m, f) -> m.rename(TensorNames::key).write(f));
    WRITINGS.put("compiled", (m, f) -> m.rename(n -> "_orig_mod." + n).write(f));
    WRITINGS.put("in parallel", (m, f) -> m.rename(n -> "module." + n).write(f));
    WRITINGS.put(
        "compiled inside", (m, f) -> m.rename(n -> n.replaceFirst("\\.", "._orig_mod.")).write(f));
    WRITINGS.put(
        "a part of a larger model", (m, f) -> m.rename(n -> "language_model." + n).write(f));
    WRITINGS.put(
        "a part of a newer larger model",
        (m, f) ->
            m.rename(n -> n.startsWith("model.") ? "model.language_model" + n.substring(5) : n)
                .write(f));
  }

  static List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (Path root : ROOTS) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> found = Files.list(root)) {
          found
              .filter(f -> Files.exists(f.resolve("model.safetensors")))
              .filter(FolderVariantsTest::isKnown)
              .sorted()
              .forEach(folders::add);
        }
      }
    }
    return folders;
  }

  /** A folder of an architecture that is refused has no variants to compare. */
  private static boolean isKnown(Path folder) {
    try {
      return Checkpoint.open(folder).config().layers() > 0;
    } catch (dev.kvpress.runtime.ModelException e) {
      if (String.valueOf(e.getMessage()).contains("is not supported; supported are")) {
        return false;
      }
      throw e;
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void allGiveTheSameModel(Path folder, @TempDir Path temporary) throws IOException {
    Map<String, byte[]> plain =
        numbers(Checkpoint.open(StoredModel.read(folder).write(temporary.resolve("plain"))));
    assertThat(plain).isNotEmpty();
    int i = 0;
    for (Map.Entry<String, Writing> way : WRITINGS.entrySet()) {
      Path other = temporary.resolve("other" + i++);
      way.getValue().write(StoredModel.read(folder), other);
      Map<String, byte[]> found = numbers(Checkpoint.open(other));
      assertThat(found.keySet()).as(way.getKey()).isEqualTo(plain.keySet());
      found.forEach(
          (name, bytes) ->
              assertThat(bytes).as("%s: %s", way.getKey(), name).isEqualTo(plain.get(name)));
    }
  }

  static Map<String, byte[]> numbers(Checkpoint checkpoint) throws IOException {
    Map<String, byte[]> numbers = new LinkedHashMap<>();
    for (UsedWeight used : checkpoint.architecture().weights()) {
      TensorSpec weight = used.spec();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (WritableByteChannel out = Channels.newChannel(bytes)) {
        checkpoint.write(weight, out);
      }
      numbers.put(weight.name(), bytes.toByteArray());
    }
    return numbers;
  }
}
