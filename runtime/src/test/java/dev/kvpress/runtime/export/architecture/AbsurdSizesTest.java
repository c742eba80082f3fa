package dev.kvpress.runtime.export.architecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every size lies within what its field allows, and what they ask for together within no memory:
 * refused before anything is made for each layer, head or expert.
 */
class AbsurdSizesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path FOLDERS =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/architectures");

  @ParameterizedTest
  @Timeout(20)
  @CsvSource(
      delimiter = '|',
      value = {
        "mixtral | {'num_local_experts':16777216} | more than 262144 tensors",
        "mixtral | {'num_local_experts':4096,'num_hidden_layers':4096} | more than 262144 tensors",
        "qwen3-moe-raw-weights | {'num_experts':1048576} | more than 262144 tensors",
        "stablelm-parallel | {'num_attention_heads':16384,'num_key_value_heads':16384,'hidden_size':131072,'num_hidden_layers':4096} | more than 262144 tensors",
        "bloom | {'n_head':8388608,'hidden_size':16777216} | heads must be in [1",
        "mpt | {'n_heads':2097152,'d_model':4194304} | heads must be in [1",
        "llama | {'num_attention_heads':8388608,'hidden_size':16777216} | heads must be in [1",
        "llama | {'num_hidden_layers':16777216} | layers must be in [1",
        "llama | {'head_dim':16777216} | head size must be in [1",
      })
  void areRefusedInBoundedTimeAndMemory(String folder, String fields, String message)
      throws Exception {
    ObjectNode config =
        (ObjectNode) JSON.readTree(FOLDERS.resolve(folder).resolve("config.json").toFile());
    config.setAll((ObjectNode) JSON.readTree(fields.replace('\'', '"')));

    assertThatThrownBy(() -> Architectures.read(JsonFile.of("config.json", config), tensor -> true))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll("config.json", message);
  }
}
