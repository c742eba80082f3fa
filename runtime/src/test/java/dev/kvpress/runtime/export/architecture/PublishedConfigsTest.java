package dev.kvpress.runtime.export.architecture;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.packed.PackedLayouts;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fields that config.json of published models carry, with small sizes: each file is read, or
 * refused for a reason that names the thing.
 */
class PublishedConfigsTest {
  private static final String RESOURCE = "published-configs.json";

  static Stream<Arguments> configs() throws IOException {
    try (InputStream in =
        requireNonNull(PublishedConfigsTest.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      List<Arguments> all = new ArrayList<>();
      for (JsonNode entry : JsonMapper.builder().build().readTree(in)) {
        all.add(
            arguments(
                entry.get("model").asText(),
                entry.get("config"),
                entry.path("refused").asText("")));
      }
      return all.stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("configs")
  void isReadOrRefusedByName(String model, ObjectNode config, String refused) {
    if (refused.isEmpty()) {
      assertThat(read(config).config().layers()).as(model).isEqualTo(4);
      return;
    }
    assertThatThrownBy(() -> read(config))
        .as(model)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(refused);
  }

  @Test
  void everyArchitectureIsAmongThem() throws IOException {
    Set<String> found = new HashSet<>();
    configs().forEach(c -> found.add(((JsonNode) c.get()[1]).at("/architectures/0").asText()));
    // Published under Granite 4's other class; its fields are those of GraniteMoe.
    found.add("GraniteMoeSharedForCausalLM");
    assertThat(found).containsAll(List.of("LLaMAForCausalLM", "MPTForCausalLM"));
    List<String> missing = new ArrayList<>(Architectures.names());
    missing.removeAll(found);
    // Stands in files under its older spelling.
    missing.remove("MptForCausalLM");
    assertThat(missing).isEmpty();
  }

  private static Architecture read(ObjectNode config) {
    JsonFile file = TextPart.of(JsonFile.of("config.json", config)).config();
    var unused = PackedLayouts.read(file);
    return Architectures.read(file.without(PackedLayouts.FIELD), tensor -> true);
  }
}
