package dev.kvpress.runtime.export.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rotary frequencies against those of transformers 4 and 5, which do not always agree. */
class RopeReaderTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path REFERENCE = Path.of("../test-data/reference");

  static Stream<Arguments> cases() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (String file : List.of("ropes-4.json", "ropes-5.json")) {
      for (JsonNode line : JSON.readTree(REFERENCE.resolve(file).toFile())) {
        cases.add(Arguments.of(file + " " + line.get("name").asText(), line));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void frequenciesAreThoseOfTransformers(String name, JsonNode line) {
    ConfigReader config = new ConfigReader(JsonFile.of("config.json", line.get("config")));
    int headSize = Architecture.headSize(config, 80, 4);
    Rope rope = new RopeReader(config, 96, headSize).read();

    for (Map.Entry<String, JsonNode> expected : line.get("frequencies").properties()) {
      double[] frequencies = rope.frequencies(Integer.parseInt(expected.getKey()));
      assertThat(frequencies).hasSize(expected.getValue().size());
      for (int i = 0; i < frequencies.length; i++) {
        double one = expected.getValue().get(i).asDouble();
        assertThat(frequencies[i])
            .as("%s, length %s, pair %d", name, expected.getKey(), i)
            .isCloseTo(one, within(3e-6 * one));
      }
    }
    assertThat(rope.dependsOnLength()).isEqualTo(line.get("frequencies").size() > 1);
    assertThat(rope.attentionScaling()).isCloseTo(line.get("attention").asDouble(), within(1e-6));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'rope_theta':900,'rope_scaling':{'rope_type':'default','rope_theta':70}} | transformers 4 takes the first",
        "{'rope_theta':900,'rope_parameters':{'rope_type':'default','rope_theta':70}} | in rope_parameters is 70.0",
        "{'rope_theta':900,'rope_parameters':{'rope_theta':70},'transformers_version':'4.57.6'} | transformers 4 takes the first",
        "{'rope_parameters':{'rope_type':'default'},'rope_scaling':{'type':'linear','factor':2}} | say different things",
        "{'rope_scaling':{'rope_type':'linear','type':'yarn','factor':2}} | rope_type is linear but type is yarn",
        "{'rope_scaling':{'rope_type':'default','mrope_section':[2,1,1]}} | mrope_section is not understood",
        "{'rope_scaling':{'rope_type':'proportional'}} | rope type proportional is not supported",
        "{'rope_scaling':{'rope_type':'linear','factor':0.5}} | factor must be in [1, 1e6]",
        "{'rope_scaling':{'rope_type':'llama3','factor':2,'low_freq_factor':1,'high_freq_factor':4}} | original_max_position_embeddings is missing",
        "{'rope_scaling':{'rope_type':'longrope','short_factor':[1],'long_factor':[1],'original_max_position_embeddings':9}} | write it at the root",
        "{'rope_scaling':{'rope_type':'longrope','short_factor':[1],'long_factor':[1]}} | must have one number for each of 10",
        "{'rope_parameters':{'full_attention':{'rope_theta':9},'sliding_attention':{'rope_theta':8}}} | differs by layer type",
        "{'rope_parameters':{'full_attention':{'rope_theta':9},'chunked_attention':{}}} | chunked_attention is not understood",
        "{'rope_theta':0.5} | rope theta must be in",
      })
  void whatIsNotClearIsRefusedByName(String json, String message) throws IOException {
    JsonNode node = JSON.readTree(json.replace('\'', '"'));
    ConfigReader config = new ConfigReader(JsonFile.of("config.json", node));
    RopeReader reader = new RopeReader(config, 96, 20);

    assertThatThrownBy(reader::read)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void oneEmbeddingForAllMayBeWrittenByLayerType() throws IOException {
    String same = "{'rope_theta':70.0,'rope_type':'default'}".replace('\'', '"');
    String json =
        "{\"rope_parameters\":{\"full_attention\":%s,\"sliding_attention\":%s}}"
            .formatted(same, same);
    ConfigReader config = new ConfigReader(JsonFile.of("config.json", JSON.readTree(json)));

    Rope rope = new RopeReader(config, 96, 20).read();

    assertThat(rope.frequencies(1)[1]).isCloseTo(Math.pow(70, -0.1), within(1e-12));
  }
}
