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
        arguments("rms_norm_eps", null, "field rms_norm_eps is missing"),
        arguments("max_position_embeddings", "\"many\"", "must be an integer"),
        arguments("vocab_size", "40.5", "must be an integer"),
        arguments("num_hidden_layers", "-2", "layers must be in [1"),
        arguments("num_hidden_layers", "99999999999", "must be an integer of 32 bits"),
        arguments("num_key_value_heads", "3", "multiple of the KV heads"),
        arguments("head_dim", "7", "even"),
        arguments("head_dim", "0", "head size must be in [1"),
        arguments("vocab_size", "41", "asks for shape [41, 32], found [40, 32]"),
        arguments("num_hidden_layers", "3", "model.layers.2.input_layernorm.weight"),
        arguments("rms_norm_eps", "-1", "epsilon"),
        arguments("rope_theta", "0", "rope theta"),
        arguments("hidden_act", "\"gelu\"", "hidden_act gelu is not supported"),
        arguments("architectures", "[\"GPT2LMHeadModel\"]", "Qwen3ForCausalLM"),
        arguments("architectures", "[]", "architectures is missing"),
        arguments("rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":2}", "rope type yarn"),
        arguments("rope_scaling", "{\"rope_type\":\"linear\"}", "factor is missing"),
        arguments("rope_scaling", "[2]", "must be an object"),
        arguments("partial_rotary_factor", "0.5", "partial_rotary_factor"),
        arguments("attention_bias", "true", "q_proj.bias of shape [32] is missing"),
        arguments("tie_word_embeddings", "false", "lm_head.weight"),
        arguments("tie_word_embeddings", "1", "must be true or false"),
        arguments("quantization_config", "{}", "quantized"),
        arguments("layer_types", "[\"sliding_attention\"]", "sliding-window"));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void configurationIsCheckedFieldByField(String field, String json, String message)
      throws IOException {
    Path model = TinyCheckpoint.llama().config(field, json).write(folder);
    assertRefused(model, message);
  }

  @Test
  void slidingWindowOfMistralIsRefusedOnlyInForce() throws IOException {
    TinyCheckpoint mistral = TinyCheckpoint.of("MistralForCausalLM", 2, true);
    assertRefused(mistral.config("sliding_window", "64").write(folder), "sliding-window");
    Path whole = mistral.config("sliding_window", "128").write(folder);
    assertThat(Checkpoint.open(whole).config().layers()).isEqualTo(2);
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
            "uplicate"));
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

  static Stream<Arguments> legacyHeaders() {
    return Stream.of(
        arguments(new int[0], "28 bytes"),
        arguments(new int[] {8, 16, 1, 2, 2, 4}, "28 bytes"),
        arguments(new int[] {8, 16, 1, 2, 2, 4, 16}, "asks for"),
        arguments(new int[] {8, 16, 1, 0, 2, 4, 16}, "n_heads"),
        arguments(new int[] {-8, 16, 1, 2, 2, 4, 16}, "n_heads"),
        arguments(new int[] {8, 16, -1, 2, 2, 4, 16}, "layers must be in"),
        arguments(new int[] {8, 16, 1, 2, 2, Integer.MIN_VALUE, 16}, "vocab_size"),
        arguments(new int[] {1 << 24, 1 << 24, 4096, 1, 1, 1 << 24, 16}, "asks for"),
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
