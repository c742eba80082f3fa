package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.testdata.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrappers and presses that do more than score, against the figures of the original code. */
class GoldenWrapperScoreTest {

  @ParameterizedTest
  @CsvSource({
    // file, kind of case (- if the file has one only), press, rows compared
    "adakv, -, adakv, 9",
    "chunk, -, chunk, 9",
    // The original applies the chunks of row 0 to every row.
    "chunkkv, -, chunkkv, 1",
    "block, -, block, 9",
    "criticalkv, CriticalKVPress, criticalkv, 9",
    "criticalkv, CriticalAdaKVPress, critical_adakv, 9",
    "key_rerotation, -, key_rerotation, 9",
    "pyramidkv, compress, pyramidkv, 9",
    "think_simlayer, ThinKPress, think, 9",
    "think_simlayer, SimLayerKVPress, simlayerkv, 9"
  })
  void agreesWithTheOriginal(String file, String kind, String press, int rows) {
    JsonNode golden = Golden.load(file);
    int compared = 0;
    for (JsonNode goldenCase : golden.get("cases")) {
      if (!kind.equals("-") && !goldenCase.path("kind").asText().equals(kind)) {
        continue;
      }
      Cli run = Cli.score(line(golden, goldenCase, press).toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      JsonNode answer = run.answer(0);
      if (goldenCase.has("kept")) {
        assertKept(answer.get("kept"), goldenCase, rows);
      }
      assertClose(answer, "keys", goldenCase.path("rotated_keys"));
      if (goldenCase.has("rotated_keys")) {
        assertThat(answer.get("next_position")).isEqualTo(goldenCase.get("n_kept"));
      }
      if (goldenCase.has("zeroed_channels")) {
        assertThat(answer.get("zeroed_channels")).isEqualTo(goldenCase.get("zeroed_channels"));
      }
      compared++;
    }
    assertThat(compared).isPositive();
  }

  private static ObjectNode line(JsonNode golden, JsonNode goldenCase, String press) {
    ObjectNode inputs = GoldenInputs.of(golden.at("/inputs/" + goldenCase.get("input").asText()));
    if (!goldenCase.path("use_attentions").asBoolean(true)) {
      inputs.remove("attentions");
    }
    if (press.equals("key_rerotation")) {
      inputs.put("rope_theta", 10_000);
    }
    ObjectNode params = goldenCase.get("params").deepCopy();
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    if (params.has("compression_ratio")) {
      line.set("compression_ratio", params.remove("compression_ratio"));
    }
    if (params.has("layer_idx")) {
      line.set("layer", params.remove("layer_idx"));
      line.set("layers", params.remove("num_hidden_layers"));
    }
    String spec = GoldenInputs.spec(press, params);
    if (goldenCase.has("base_press")) {
      String base =
          GoldenInputs.spec(goldenCase.get("base_press").asText(), goldenCase.path("base_params"));
      spec = spec.replaceFirst("\\(", "(" + base + (params.isEmpty() ? "" : ","));
    }
    line.put("press", spec);
    line.set("inputs", inputs);
    return line;
  }

  private static void assertKept(JsonNode found, JsonNode goldenCase, int rows) {
    JsonNode expected = goldenCase.get("kept");
    for (int b = 0; b < Math.min(rows, expected.size()); b++) {
      if (goldenCase.path("tie_sensitive").asBoolean()) {
        // Heads share a row's budget, and a tie may be between heads.
        assertThat(Golden.ints(found.get(b))).hasSameSizeAs(Golden.ints(expected.get(b)));
      } else {
        assertThat(found.get(b)).as(goldenCase.get("params").toString()).isEqualTo(expected.get(b));
      }
    }
  }

  private static void assertClose(JsonNode answer, String field, JsonNode expected) {
    if (expected.isMissingNode()) {
      return;
    }
    assertThat(Golden.shape(answer.get(field))).isEqualTo(Golden.shape(expected));
    float[] own = Golden.floats(answer.get(field));
    float[] golden = Golden.floats(expected);
    for (int i = 0; i < golden.length; i++) {
      assertThat(own[i]).isCloseTo(golden[i], within(1e-5f));
    }
  }
}
