package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Cut, empty and hostile checkpoints end in one line that names file and place. */
class DamagedCheckpointTest {
  @TempDir Path folder;

  static Stream<Arguments> configs() {
    return Stream.of(
        arguments("hidden_size", null, "field hidden_size is missing"),
        arguments("rms_norm_eps", "2", "rms_norm_eps must be in (0, 1)"),
        arguments("max_position_embeddings", "\"many\"", "must be an integer"),
        arguments("vocab_size", "40.5", "must be an integer"),
        arguments("num_hidden_layers", "-2", "layers must be in [1"),
        arguments("num_hidden_layers", "99999999999", "must be an integer of 32 bits"),
        arguments("num_key_value_heads", "3", "multiple of the KV heads"),
        arguments("head_dim", "7", "pairs of channels"),
        arguments("head_dim", "0", "head_dim must be in [1"),
        arguments("vocab_size", "41", "asks for shape [41, 32], found [40, 32]"),
        arguments("num_hidden_layers", "3", "model.layers.2.input_layernorm.weight"),
        arguments("rms_norm_eps", "-1", "rms_norm_eps must be in (0, 1)"),
        arguments("rope_theta", "0", "rope theta"),
        arguments("hidden_act", "\"gelux\"", "hidden_act gelux is not supported"),
        arguments("architectures", "[\"NoSuchForCausalLM\"]", "Qwen3ForCausalLM"),
        arguments("architectures", "[]", "architectures is missing"),
        arguments("rope_scaling", "{\"rope_type\":\"yarnx\",\"factor\":2}", "rope type yarnx"),
        arguments("rope_scaling", "{\"rope_type\":\"linear\"}", "factor is missing"),
        arguments("rope_scaling", "[2]", "must be an object"),
        arguments("partial_rotary_factor", "1.5", "partial_rotary_factor"),
        arguments("attention_bias", "true", "q_proj.bias of shape [32] is missing"),
        arguments("tie_word_embeddings", "false", "lm_head.weight"),
        arguments("tie_word_embeddings", "1", "must be true or false"),
        arguments("quantization_config", "{}", "quantized"),
        arguments("layer_types", "[\"sliding_attention\"]", "layer_types"),
        arguments("num_hidden_layers", "16777216", "layers must be in [1, 4096]"),
        arguments("num_attention_heads", "0", "num_attention_heads must be in [1"),
        arguments("vocab_size", "2147483647", "vocab_size must be in [1"),
        arguments("max_position_embeddings", "0", "positions must be in [1"),
        arguments("max_position_embeddings", "-4", "positions must be in [1"),
        arguments(
            "rope_scaling",
            "{\"rope_type\":\"yarn\",\"factor\":2,\"original_max_position_embeddings\":-5}",
            "must be positive"),
        arguments(
            "rope_scaling",
            "{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":128,"
                + "\"short_factor\":[1,1,1,0],\"long_factor\":[1,1,1,1]}",
            "out of range"));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void configurationIsCheckedFieldByField(String field, String json, String message)
      throws IOException {
    Path model = TinyCheckpoint.llama().config(field, json).write(folder);
    assertRefused(model, message);
  }

  @Test
  void theLongestContextThatCanBeWrittenIsRead() throws IOException {
    Path model =
        TinyCheckpoint.llama().config("max_position_embeddings", "2147483647").write(folder);
    assertThat(Checkpoint.open(model).config().maxPositions()).isEqualTo(Integer.MAX_VALUE);
  }

  static Stream<Arguments> headers() {
    String good = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    return Stream.of(
        arguments(new byte[0], "found a file of 0"),
        arguments(new byte[] {1, 2, 3}, "found a file of 3"),
        arguments(length(1L << 40), "header length"),
        arguments(length(-1), "18446744073709551615"),
        arguments(length(3), "header length"),
        arguments(TinyCheckpoint.file("not json", new byte[0]), "no JSON"),
        arguments(TinyCheckpoint.file("[1,2]", new byte[0]), "must be a JSON object"),
        arguments(TinyCheckpoint.file(good, new byte[7]), "cut or damaged"),
        arguments(TinyCheckpoint.file(good, new byte[9]), "the tensors end at byte"),
        arguments(TinyCheckpoint.file("{\"a\":1}", new byte[0]), "dtype"),
        arguments(TinyCheckpoint.file(good.replace("F32", "F99"), new byte[8]), "unknown dtype"),
        arguments(TinyCheckpoint.file(good.replace("[2]", "[-2]"), new byte[8]), "not negative"),
        arguments(TinyCheckpoint.file(good.replace("[2]", "[3]"), new byte[8]), "takes 12 bytes"),
        arguments(
            TinyCheckpoint.file(good.replace("[2]", "[4611686018427387904,8]"), new byte[8]),
            "too large"),
        arguments(TinyCheckpoint.file(good.replace("[0,8]", "[8,0]"), new byte[8]), "ascending"),
        arguments(TinyCheckpoint.file(good.replace("[0,8]", "[-8,0]"), new byte[8]), "negative"),
        arguments(
            TinyCheckpoint.file(
                good.substring(0, good.length() - 1)
                    + ","
                    + good.substring(1).replace("\"a\"", "\"b\""),
                new byte[8]),
            "overlap"),
        arguments(
            TinyCheckpoint.file(
                good.substring(0, good.length() - 1) + "," + good.substring(1), new byte[8]),
            "duplicate tensor a"),
        arguments(
            TinyCheckpoint.file(good.replace("\"shape\"", "\"dtype\""), new byte[8]),
            "duplicate field dtype"),
        arguments(TinyCheckpoint.file(good.replace("[0,8]", "[4,12]"), new byte[12]), "(gap)"),
        arguments(TinyCheckpoint.file(good.replace("[0,8]", "[0,8,8]"), new byte[8]), "two"),
        arguments(TinyCheckpoint.file(good.replace("[2]", "[2.5]"), new byte[8]), "integers"),
        arguments(TinyCheckpoint.file(good.replace("[2]", "[0,2]"), new byte[8]), "takes 0 bytes"),
        arguments(
            TinyCheckpoint.file(good.replace("[2]", "[99999999999999999999]"), new byte[8]),
            "63 bits"),
        arguments(
            TinyCheckpoint.file(good.replace("[2]", "[1" + ",1".repeat(20) + "]"), new byte[8]),
            "more than 16"),
        arguments(TinyCheckpoint.file(good.replace("[2]", "{}"), new byte[8]), "an object"),
        arguments(TinyCheckpoint.file(good.replace("\"F32\"", "4"), new byte[8]), "a string"),
        arguments(
            TinyCheckpoint.file(good.replace("\"shape\":[2],", ""), new byte[8]),
            "shape is missing"),
        arguments(TinyCheckpoint.file(good + "{}", new byte[8]), "goes on"),
        arguments(TinyCheckpoint.file("{\"a\":" + "[".repeat(100_000), new byte[0]), "object"),
        arguments(
            TinyCheckpoint.file(
                "{\"__metadata__\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
                new byte[0]),
            "no JSON"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void safetensorsHeaderIsNotBelieved(byte[] file, String message) throws IOException {
    TinyCheckpoint.llama().write(folder);
    Files.write(folder.resolve("model.safetensors"), file);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void everyCutOfAGoodFileIsNoticed() throws IOException {
    TinyCheckpoint.llama().write(folder);
    Path file = folder.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    for (int cut : new int[] {0, 4, 8, 100, 3000, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, cut));
      assertRefused(folder, "model.safetensors");
    }
  }

  @Test
  void wrongTensorsAreNamed() throws IOException {
    assertRefused(
        TinyCheckpoint.llama().remove("model.norm.weight").write(folder),
        "tensor model.norm.weight of shape [32] is missing");
    assertRefused(
        TinyCheckpoint.llama().biases("self_attn.q_proj").write(folder),
        "q_proj.bias has no place");
    Path file = TinyCheckpoint.llama().write(folder).resolve("model.safetensors");
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).replace("\"F32\"", "\"I32\"");
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    assertRefused(folder, "dtype must be F32, F16 or BF16, found I32");
  }

  @Test
  void indexMayNotLeaveTheFolder() throws IOException {
    TinyCheckpoint.llama().writeSharded(folder);
    Path index = folder.resolve("model.safetensors.index.json");
    String good = Files.readString(index);
    Files.writeString(index, good.replace("model-00001", "../model-00001"));
    assertRefused(folder, "same folder");
    Files.writeString(index, good.replace("model-00001", "model-00007"));
    assertRefused(folder, "no such file");
    Files.writeString(index, "{}");
    assertRefused(folder, "weight_map is missing");
  }

  /** As a tree this header would take gigabytes. */
  @Test
  void aHeaderOfAHundredMegabytesIsRefusedInBoundedMemory() throws IOException {
    TinyCheckpoint.llama().write(folder);
    Path file = folder.resolve("model.safetensors");
    String nothing = "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + "[],".repeat(33_000_000) + "[]]}}";
    Files.write(file, TinyCheckpoint.file(nothing.substring(0, 99_000_000), new byte[0]));
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("integers");
    Runtime runtime = Runtime.getRuntime();
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; many.length() < 20_000_000; i++) {
      many.append(i == 0 ? "" : ",").append('"').append(i).append("\":");
      many.append("{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    Files.write(file, TinyCheckpoint.file(many.append('}').toString(), new byte[0]));
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("more than 262144");
    assertThat(runtime.totalMemory()).isLessThan(4L << 30);
  }

  @Test
  void pipesDevicesAndFoldersInPlaceOfFilesAreRefused() throws IOException {
    TinyCheckpoint.llama().write(folder);
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Path file = folder.resolve(name);
      byte[] good = Files.readAllBytes(file);
      Files.delete(file);
      Files.createDirectory(file);
      assertRefused(folder, "found a folder");
      Files.delete(file);
      if (Files.exists(Path.of("/dev/zero"))) {
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        assertRefused(folder, "found a pipe or device");
        Files.delete(file);
      }
      Files.write(file, good);
    }
  }

  static Stream<Arguments> legacyHeaders() {
    return Stream.of(
        arguments(new int[0], "28 bytes"),
        arguments(new int[] {8, 16, 1, 2, 2, 4}, "28 bytes"),
        arguments(new int[] {8, 16, 1, 2, 2, 4, 16}, "asks for"),
        arguments(new int[] {8, 16, 1, 0, 2, 4, 16}, "n_heads"),
        arguments(new int[] {-8, 16, 1, 2, 2, 4, 16}, "n_heads"),
        arguments(new int[] {8, 16, -1, 2, 2, 4, 16}, "layers must be in"),
        arguments(new int[] {8, 16, 1, 2, 2, Integer.MIN_VALUE, 16}, "vocab_size"),
        arguments(
            new int[] {1 << 24, 1 << 24, 4096, 1, 1, 1 << 24, 16},
            "head size must be in [1, 16384]"),
        arguments(new int[] {1 << 24, 1 << 24, 512, 1 << 12, 1, 1 << 24, 16}, "asks for"),
        arguments(new int[] {0x616b3432, 1, 8, 16, 1, 2, 2}, "version"));
  }

  @ParameterizedTest
  @MethodSource("legacyHeaders")
  void llama2cHeaderMustFitTheFile(int[] header, String message) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(header.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(header);
    Path file = Files.write(folder.resolve("model.bin"), bytes.array());
    assertRefused(file, message);
    assertRefused(folder, message);
  }

  @Test
  void foldersWithoutACheckpointSayWhatIsExpected() throws IOException {
    assertRefused(folder, "config.json with model.safetensors");
    Files.createFile(folder.resolve("README.md"));
    assertRefused(folder, "found neither");
    Files.createFile(folder.resolve("a.bin"));
    Files.createFile(folder.resolve("b.bin"));
    assertRefused(folder, "[a.bin, b.bin]");
    assertRefused(folder.resolve("absent"), "no such file or folder");
    assertRefused(Files.createFile(folder.resolve("x.safetensors")), "give the folder");
  }

  private static void assertRefused(Path model, String message) {
    assertThatThrownBy(() -> Checkpoint.open(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  private static byte[] length(long claimed) {
    return ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed).array();
  }
}
