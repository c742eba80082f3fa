package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.testdata.Golden;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors that no pass computes, in cases of the score command. */
class TrainedInputsTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static void assertClose(JsonNode actual, JsonNode expected) {
    float[] scores = Golden.floats(actual);
    float[] wanted = Golden.floats(expected);
    assertThat(scores).hasSameSizeAs(wanted);
    int finite = 0;
    for (int i = 0; i < wanted.length; i++) {
      // Protected tokens are shown as infinite.
      if (Float.isFinite(scores[i])) {
        finite++;
        assertThat(scores[i]).isCloseTo(wanted[i], within(1e-5f + 1e-4f * Math.abs(wanted[i])));
      }
    }
    assertThat(finite).isGreaterThan(wanted.length / 2);
  }

  @Test
  void surrogatesAgreeWithTheOriginal() {
    JsonNode golden = Golden.load("kvzap");
    for (JsonNode goldenCase : golden.get("cases")) {
      ObjectNode line = JSON.objectNode();
      line.put("press", "kvzap(model_type=" + goldenCase.at("/params/model_type").asText() + ")");
      line.set("layer", goldenCase.at("/params/layer_idx"));
      line.put("layers", 2);
      line.put("compression_ratio", 0.5);
      ObjectNode inputs = line.putObject("inputs");
      inputs.set("hidden_states", golden.at("/inputs/hidden_states"));
      inputs.set("kvzap_weights", goldenCase.get("weights"));
      Cli run = Cli.score(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      assertClose(run.answer(0).get("scores"), goldenCase.get("scores"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"weight\":[[1,0],[0,2]],\"bias\":[0,1]}'",
    "'{\"layers.0.weight\":[[1,0],[0,2]],\"layers.0.bias\":[0,1],\"layers.1.weight\":[[9,9],[9,9]],\"layers.1.bias\":[0,0]}'",
    "'{\"module_list.0.weight\":[[1,0],[0,2]],\"module_list.0.bias\":[0,1]}'",
    "'{\"kvzap.weight\":[[1,0],[0,2]],\"kvzap.bias\":[0,1]}'"
  })
  void weightsGoByTheNamesOfEveryLayout(String weights) {
    Cli run =
        Cli.score(
            "{\"press\":\"kvzap_no_sink(model_type=linear)\",\"budget\":1,\"inputs\":{\"hidden_states\":[[[1,2],[3,-4]]],\"kvzap_weights\":"
                + weights
                + "}}");
    assertThat(run.answer(0).get("scores").toString()).isEqualTo("[[[1.0,3.0],[5.0,-7.0]]]");
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[1],[0]]]");
  }

  @Test
  void missingOrWrongWeightsAreNamed() {
    String start =
        "{\"press\":\"kvzap\",\"budget\":1,\"inputs\":{\"hidden_states\":[[[1,2],[3,-4]]]";
    assertThat(Cli.score(start + "}}").answer(0).get("error").asText())
        .contains("press kvzap needs inputs.kvzap_weights")
        .contains("hidden_weight");
    String linear = ",\"kvzap_weights\":{\"weight\":[[1,0]],\"bias\":[0]}}}";
    assertThat(Cli.score(start + linear).answer(0).get("error").asText())
        .contains("press kvzap needs inputs.kvzap_weights")
        .contains("model_type=linear")
        .doesNotContain("found none");
    assertThat(Cli.score(start + ",\"kvzap_weights\":[[1,0]]}}").answer(0).get("error").asText())
        .contains("inputs.kvzap_weights: expected an object")
        .contains("found a list");
    assertThat(
            Cli.score(start + ",\"kvzap_weights\":{\"gate\":[1]}}}")
                .answer(0)
                .get("error")
                .asText())
        .contains("found 'gate'");
  }

  @Test
  void sketchesAndUnrotatedKeysReachTheLeverage() {
    JsonNode golden = Golden.load("compactor");
    JsonNode in = golden.at("/inputs/a");
    Map<String, String> names =
        Map.of("LeverageScorePress", "leverage_score", "CompactorPress", "compactor");
    int compared = 0;
    for (JsonNode goldenCase : golden.get("cases")) {
      if (!goldenCase.has("randn_phi")) {
        continue;
      }
      ObjectNode line = JSON.objectNode();
      ObjectNode params = goldenCase.get("params").deepCopy();
      params.remove("blending");
      line.put("press", GoldenInputs.spec(names.get(goldenCase.get("kind").asText()), params));
      line.set("compression_ratio", goldenCase.at("/kept/0/compression_ratio"));
      ObjectNode inputs = GoldenInputs.of(in);
      inputs.remove("rope_theta");
      inputs.set("random_sketch", goldenCase.get("randn_phi"));
      inputs.set("keys_pre_rope", keysBeforeRotation(in));
      line.set("inputs", inputs);
      Cli run = Cli.score(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      assertThat(run.answer(0).get("kept")).isEqualTo(goldenCase.at("/kept/0/kept"));
      assertClose(run.answer(0).get("scores"), goldenCase.get("scores"));
      compared++;
    }
    assertThat(compared).isEqualTo(2);
  }

  /** Hidden states times the key projection, {@code [B][G][T][D]}. */
  private static ArrayNode keysBeforeRotation(JsonNode in) {
    int tokens = in.get("T").asInt();
    int size = in.get("D").asInt();
    int width = in.get("hidden").asInt();
    float[] hidden = Golden.floats(in.get("hidden_states"));
    float[] weights = Golden.floats(in.get("k_proj"));
    ArrayNode rows = JSON.arrayNode();
    for (int b = 0; b < in.get("B").asInt(); b++) {
      ArrayNode heads = rows.addArray();
      for (int g = 0; g < in.get("Hkv").asInt(); g++) {
        ArrayNode keys = heads.addArray();
        for (int t = 0; t < tokens; t++) {
          ArrayNode key = keys.addArray();
          for (int c = 0; c < size; c++) {
            double sum = 0;
            for (int e = 0; e < width; e++) {
              sum +=
                  (double) hidden[(b * tokens + t) * width + e]
                      * weights[(g * size + c) * width + e];
            }
            key.add((float) sum);
          }
        }
      }
    }
    return rows;
  }

  @Test
  void sketchesOfAnotherShapeAreRefused() {
    String error =
        Cli.score(
                "{\"press\":\"leverage_score(sketch_dimension=1)\",\"budget\":1,\"inputs\":{\"keys\":[[[[1,2],[3,4]]]],\"rope_theta\":10000,\"random_sketch\":[[[[1],[2],[3]]]]}}")
            .answer(0)
            .get("error")
            .asText();
    assertThat(error)
        .contains("random_sketch must have the shape [1, 1, 2, 1]")
        .contains("found [1, 1, 3, 1]");
    String flat =
        "{\"press\":\"%s\",\"budget\":1,\"inputs\":{\"keys\":[[[[1,2],[3,4]]]],\"rope_theta\":10000,\"random_sketch\":[[1]]}}";
    assertThat(
            Cli.score(flat.formatted("leverage_score(sketch_dimension=1)"))
                .answer(0)
                .get("error")
                .asText())
        .contains("inputs.random_sketch: expected lists [B][G][D][K]");
    assertThat(Cli.score(flat.formatted("knorm")).answer(0).get("kept").toString())
        .isEqualTo("[[[0]]]");
  }

  @Test
  void statisticsOfQueriesAreTaken() {
    String inputs =
        "{\"keys\":[[[[1,0],[0,1],[1,1]]]],\"values\":[[[[1,0],[0,1],[1,1]]]],\"rope_theta\":10000,\"expected_attention_mean\":[[1,0]],\"expected_attention_covariance\":[[[1,0],[0,1]]]}";
    Cli run =
        Cli.score(
            "{\"press\":\"expected_attention_with_stats(n_sink=0)\",\"budget\":1,\"inputs\":"
                + inputs
                + "}");
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[2]]]");
  }

  @Test
  void scoresOfHeadsAreTaken() {
    String inputs =
        "{\"keys\":[[[[1],[2],[3],[4]],[[1],[2],[3],[4]]]],\"duo_head_scores\":[0.9,0.1]}";
    Cli run =
        Cli.score(
            "{\"press\":\"duo_attention(head_compression_ratio=0.5,sink_size=1,recent_size=1)\",\"inputs\":"
                + inputs
                + "}");
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[0,1,2,3],[0,3]]]");
  }

  @Test
  void budgetCurvesReachLukv() {
    String heads = String.join(",", Collections.nCopies(49, "[0.5,0.5]"));
    String rest = String.join(",", Collections.nCopies(49, "[0.9,0.9]"));
    String line =
        Cli.quoted(
                "{'press':'lukv(knorm,sink=0,window=0)','compression_ratio':0.5,'inputs':{'keys':[[[[4],[3],[2],[1]],[[1],[2],[3],[4]]]],'lukv.curve':[%s,[0.25,0.75],%s]}}")
            .formatted(heads, rest);
    Cli run = Cli.score(line);
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[1,2,3],[0]]]");
    assertThat(Cli.score(line.replace(",[0.25,0.75]", "")).answer(0).get("error").asText())
        .contains("lukv.curve: expected shape [99][2] ([99][G])");
  }

  @Test
  void gatesReachFastKvZip() {
    // A key of the second number against one of zero, for the query of the first.
    String gate =
        "'fastkvzip.q_proj.weight':[[1,0]],'fastkvzip.q_proj.bias':[0],'fastkvzip.k_proj.weight':[[0,1]],'fastkvzip.q_norm.weight':[1],'fastkvzip.k_norm.weight':[1],'fastkvzip.k_base':[[[[0]]]],'fastkvzip.b':[[[0]]]";
    String line =
        Cli.quoted(
            "{'press':'fastkvzip(n_sink=0,window_ratio=0)','compression_ratio':0.5,'inputs':{'hidden_states':[[[1,-1],[1,1],[2,3],[1,-2]]],"
                + gate
                + "}}");
    Cli run = Cli.score(line);
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[1,2]]]");
    assertThat(Cli.score(line.replace("[[1,0]]", "[[1,0,0]]")).answer(0).get("error").asText())
        .contains("fastkvzip.q_proj.weight")
        .contains("[1, 2]")
        .contains("[1, 3]");
    assertThat(
            Cli.score(
                    line.replace(Cli.quoted("'fastkvzip.b':[[[0]]]"), Cli.quoted("'values':null")))
                .answer(0)
                .get("error")
                .asText())
        .contains("inputs.fastkvzip.b [G][1][H/G]");
  }

  @Test
  void statisticsOfQueriesReachTriattention() {
    // The mean query as it stands at position 5, in four lengths.
    String keys = "[0.56732,-1.91785],[0.85099,-2.87677],[0.28366,-0.95892],[1.13465,-3.83570]";
    String line =
        Cli.quoted(
                "{'press':'triattention(offset_max_length=1)','compression_ratio':0.5,'inputs':{'keys':[[[%s]]],'rope_theta':10000,'triattention.query_mean':[[1,0]],'triattention.query_length':[[1,1]]}}")
            .formatted(keys);
    Cli run = Cli.score(line);
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.answer(0).get("kept").toString()).isEqualTo("[[[1,3]]]");
    assertThat(Cli.score(line.replace("[[1,1]]", "[[1]]")).answer(0).get("error").asText())
        .contains("triattention.query_length: expected shape [1][2] ([H][D])");
  }
}
