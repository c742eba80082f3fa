package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.SafetensorsFile;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings and tensors of quantized folders: known, or refused by name. */
class QuantizedSettingsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FIELD = "quantization_config";
  private static final String Q = "model.layers.0.self_attn.q_proj.";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gptq-4|bits|5|bits 5 is not supported; supported is 2 or 3 or 4 or 8",
        "gptq-4|group_size|0|group_size 0 is not supported",
        "gptq-4|group_size|64|asks for shape [1, 8], found [2, 8]",
        "gptq-4|bits|8|asks for shape [16, 64], found [8, 64]",
        "gptq-4|checkpoint_format|\"marlin\"|checkpoint_format marlin is not supported",
        "gptq-4|is_marlin_format|true|is_marlin_format true is not supported",
        "gptq-4|dynamic|{\"-:.*down.*\":{}}|dynamic {\"-:.*down.*\":{}} is not supported",
        "gptq-4|rotation|\"hadamard\"|rotation \"hadamard\" is not supported",
        "gptq-4|new_kind|1|field new_kind is not understood",
        "awq|zero_point|false|zero_point false is not supported",
        "awq|version|\"gemv_fast\"|version gemv_fast is not supported; supported is gemm or gemv",
        "awq|bits|8|bits 8 is not supported",
        "awq|backend|\"llm-awq\"|backend llm-awq is not supported",
        "compressed-4|format|\"float-quantized\"|format float-quantized is not supported",
        "compressed-4|kv_cache_scheme|{\"num_bits\":8}|kv_cache_scheme {\"num_bits\":8} is not",
        "compressed-4|quant_method|\"bitsandbytes\"|(quantization_config: bitsandbytes) are not",
        "compressed-4|quant_method|\"mxfp4\"|(quantization_config: mxfp4) are not supported",
        "compressed-4|quant_method|\"fp8\"|(quantization_config: fp8) are not supported"
      })
  void settingsOfOtherKindsAreRefusedByName(String name, String field, String value, String message)
      throws IOException {
    Path copy = copy(name);
    ObjectNode config = config(copy);
    ((ObjectNode) config.get(FIELD)).set(field, JSON.readTree(value));
    write(copy, config);
    assertRefused(copy, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "num_bits:6",
        "type:\"float\"",
        "dynamic:true",
        "strategy:\"tensor\"",
        "actorder:\"x\""
      })
  void settingsOfWeightsAreRefusedByName(String setting) throws IOException {
    Path copy = copy("compressed-4");
    ObjectNode config = config(copy);
    String field = setting.substring(0, setting.indexOf(':'));
    JsonNode weights = config.get(FIELD).get("config_groups").get("group_0").get("weights");
    ((ObjectNode) weights).set(field, JSON.readTree(setting.substring(field.length() + 1)));
    write(copy, config);
    assertRefused(copy, "weights: " + field, "is not supported");
  }

  @Test
  void activationsInWholeNumbersAreRefused() throws IOException {
    Path copy = copy("compressed-4");
    ObjectNode config = config(copy);
    JsonNode group = config.get(FIELD).get("config_groups").get("group_0");
    ((ObjectNode) group).set("input_activations", JSON.readTree("{\"num_bits\":8}"));
    write(copy, config);
    assertRefused(copy, "input_activations", "is not supported");
  }

  @Test
  void withoutSettingsPackedTensorsAreRefused() throws IOException {
    Path copy = copy("gptq-4");
    ObjectNode config = config(copy);
    config.remove(FIELD);
    write(copy, config);
    assertRefused(copy, "quantized (GPTQ or AWQ)", FIELD, "use the original");
  }

  @Test
  void settingsWithoutPackedTensorsAreRefused() throws IOException {
    StoredModel model = StoredModel.read(Path.of("../test-data/reference/architectures/llama"));
    model.config.set(FIELD, config(QuantizedFolders.named("gptq-4")).get(FIELD));
    assertRefused(
        model.write(folder.resolve("model")), "no tensor of this model ends with qweight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qzeros", "scales"})
  void aTensorThatIsMissingIsNamed(String word) throws IOException {
    assertRefused(renamed("gptq-4", Q + word, "unknown"), Q + word + " is missing beside");
  }

  @Test
  void aWeightBothPackedAndPlainIsRefused() throws IOException {
    assertRefused(
        renamed("gptq-4", "lm_head.weight", Q + "weight"), Q + "weight is stored both as floats");
  }

  @Test
  void tensorsOfNoWeightAreRefused() throws IOException {
    String other = "model.layers.0.self_attn.r_proj.";
    assertRefused(renamed("gptq-4", Q + "bias", other + "qweight"), other + "qweight", "quantized");
  }

  @Test
  void aBiasThatIsNotZeroIsRefused() throws IOException {
    Path copy = copy("gptq-4");
    assertThatCode(() -> Checkpoint.open(copy)).doesNotThrowAnyException();
    poke(copy, Q + "bias", 2, 0x3c00);
    assertRefused(copy, Q + "bias has no place");
  }

  /** Zero less one, as the first format of GPTQ would have to store it. */
  @Test
  void aZeroPointWithoutAMeaningIsRefused() throws IOException {
    Path copy = copy("gptq-4");
    poke(copy, Q + "qzeros", 0, 0xf);
    assertRefused(copy, "output 0 in group 0 is stored as 15", "gptq_v2 or sym true");
    ObjectNode config = config(copy);
    ((ObjectNode) config.get(FIELD)).put("checkpoint_format", "gptq_v2");
    write(copy, config);
    assertThatCode(() -> Checkpoint.open(copy)).doesNotThrowAnyException();
  }

  @Test
  void groupsThatAreNotThereAreRefused() throws IOException {
    Path copy = copy("gptq-4");
    poke(copy, Q + "g_idx", 0, 2);
    assertRefused(copy, Q + "g_idx", "group of input 0 must be in [0, 1], found 2");
  }

  @Test
  void anOrderOfGroupsThatTheSettingsDenyIsRefused() throws IOException {
    Path copy = copy("gptq-4");
    poke(copy, Q + "g_idx", 0, 1);
    assertRefused(copy, Q + "g_idx", "although quantization_config says desc_act false");
  }

  @Test
  void anOrderOfGroupsThatIsMissingIsNamed() throws IOException {
    assertRefused(ordered("\"group\""), "weight_g_idx is missing beside");
  }

  /** All inputs in the first group, which readers that go by the settings would not look at. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "\"weight\""})
  void anOrderOfGroupsThatCompressedTensorsDenyIsRefused(String actorder) throws IOException {
    Path copy = ordered(actorder);
    assertThatCode(() -> Checkpoint.open(copy)).doesNotThrowAnyException();
    add(copy, Q + "weight_g_idx", "I32", Integer.BYTES, 64);
    assertRefused(copy, Q + "weight_g_idx: groups are not one after another", "actorder");
  }

  private Path ordered(String actorder) throws IOException {
    Path copy = copy("compressed-4");
    ObjectNode config = config(copy);
    JsonNode weights = config.get(FIELD).get("config_groups").get("group_0").get("weights");
    ((ObjectNode) weights).set("actorder", JSON.readTree(actorder));
    write(copy, config);
    return copy;
  }

  /** An output matrix of its own, although packed, is none that the embedding stands for. */
  @Test
  void aSecondOutputMatrixBesideAPackedOneIsRefused() throws IOException {
    Path copy = renamed("gptq-4", "lm_head.weight", "embed_out.weight");
    add(copy, "lm_head.qweight", "I32", Integer.BYTES, 8, 40);
    add(copy, "lm_head.qzeros", "I32", Integer.BYTES, 2, 5);
    add(copy, "lm_head.scales", "F16", Short.BYTES, 2, 40);
    assertRefused(copy, "tensor embed_out.weight has no place in a LlamaForCausalLM");
  }

  @Test
  void anotherShapeWithinTheFileIsRefused() throws IOException {
    Path copy = copy("compressed-4");
    poke(copy, Q + "weight_shape", 0, 32);
    assertRefused(copy, Q + "weight_shape", "asks for shape [64, 64], found [32, 64]");
  }

  /** Square weights that are read [in,out] would be taken for their transpose. */
  @Test
  void weightsThatAreReadTheOtherWayRoundAreRefused() throws IOException {
    StoredModel model = StoredModel.read(Path.of("../test-data/reference/architectures/gpt2"));
    model.config.set(FIELD, config(QuantizedFolders.named("gptq-4")).get(FIELD));
    String weight = "transformer.h.0.attn.c_proj.";
    assertThat(model.names()).contains(weight + "weight");
    model.remove(weight + "weight").zeros(weight + "qweight", "I32", 4, 4, 32);
    assertRefused(model.write(folder.resolve("model")), weight + "qweight", "[in,out]");
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(QuantizedFolders.named(name).resolve(file), copy.resolve(file));
    }
    return copy;
  }

  /** A copy in which a tensor stands under another name. */
  private Path renamed(String name, String from, String to) throws IOException {
    Path copy = copy(name);
    Path file = copy.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) all.getLong(0);
    String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
    assertThat(header).contains('"' + from + '"');
    byte[] data = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
    Files.write(file, TinyCheckpoint.file(header.replace('"' + from + '"', '"' + to + '"'), data));
    return copy;
  }

  /** Adds a tensor of zero bytes. */
  private static void add(Path folder, String name, String type, int bytesEach, int... shape)
      throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    ObjectNode header = (ObjectNode) JSON.readTree(bytes, 8, length);
    int begin = bytes.length - 8 - length;
    int count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    ObjectNode tensor = header.putObject(name).put("dtype", type);
    tensor.set("shape", JSON.valueToTree(shape));
    tensor.putArray("data_offsets").add(begin).add(begin + count * bytesEach);
    byte[] data = Arrays.copyOfRange(bytes, 8 + length, bytes.length + count * bytesEach);
    Files.write(file, TinyCheckpoint.file(header.toString(), data));
  }

  private static ObjectNode config(Path folder) throws IOException {
    return (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
  }

  private static void write(Path folder, ObjectNode config) throws IOException {
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
  }

  /** Changes two bytes of a tensor. */
  private static void poke(Path folder, String tensor, int at, int value) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Entry entry = SafetensorsFile.read(file).get(tensor);
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(entry.begin() + at);
      open.write(value);
      open.write(value >> 8);
    }
  }

  private static void assertRefused(Path folder, String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }
}
