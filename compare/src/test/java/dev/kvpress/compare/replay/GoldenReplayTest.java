package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.testdata.Golden;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Traces of the original code through the replay command, from JSON to JSON. */
class GoldenReplayTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Test
  void realDropFollowsTheH2oRepositoryStepByStep() {
    for (JsonNode goldenCase : Golden.load("h2o_realdrop_cache").get("cases")) {
      ObjectNode line = JSON.objectNode();
      line.put(
          "press",
          "h2o(hh_size=%d,recent_size=%d,normalize=false,decoding=true)"
              .formatted(
                  goldenCase.at("/params/hh_size").asInt(),
                  goldenCase.at("/params/recent_size").asInt()));
      ArrayNode steps = line.putArray("steps");
      for (JsonNode step : goldenCase.get("trace")) {
        boolean prefill = step.get("kind").asText().equals("prefill");
        ArrayNode attentions = JSON.arrayNode();
        for (JsonNode head : step.get("attn")) {
          attentions.add(prefill ? head : JSON.arrayNode().add(head));
        }
        steps.addObject().set("attentions", JSON.arrayNode().add(attentions));
      }
      Cli run = Cli.replay(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      JsonNode trace = run.answer(0).get("trace");
      assertThat(trace).hasSameSizeAs(goldenCase.get("trace"));
      for (int i = 0; i < trace.size(); i++) {
        assertThat(trace.get(i).at("/kept/0"))
            .isEqualTo(goldenCase.get("trace").get(i).get("kept"));
      }
    }
  }

  @Test
  void dmsEvictsWhatTheOriginalMasks() {
    for (JsonNode goldenCase : Golden.load("dms").get("cases")) {
      JsonNode params = goldenCase.get("params");
      boolean knorm = goldenCase.has("keys");
      // Scores out of a table are what Q-Filters give for keys of one channel and the filter -1.
      JsonNode keys = knorm ? goldenCase.get("keys") : singleChannel(goldenCase.get("scores"));
      ObjectNode line = JSON.objectNode();
      line.put(
          "press",
          "dms(%s,threshold=%s,sliding_window_size=%s,decoding=true)"
              .formatted(
                  knorm ? "knorm" : "qfilter",
                  params.get("threshold").asText(),
                  params.get("sliding_window_size").asText()));
      ArrayNode steps = line.putArray("steps");
      int from = 0;
      for (JsonNode step : goldenCase.get("trace")) {
        int to = from + step.get("new_tokens").asInt();
        ObjectNode tensors = steps.addObject();
        tensors.set("keys", tokens(keys, from, to));
        if (!knorm) {
          tensors.set("q_filters", Cli.json("[[-1],[-1]]"));
        }
        from = to;
      }
      Cli run = Cli.replay(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      assertTrace(run.answer(0).get("trace"), goldenCase.get("trace"));
    }
  }

  @Test
  void decodingPressesCutWhenTheOriginalsDo() {
    JsonNode golden = Golden.load("decoding");
    JsonNode keys = golden.at("/inputs/a/keys");
    JsonNode values = golden.at("/inputs/a/values");
    int compared = 0;
    for (JsonNode goldenCase : golden.get("cases")) {
      JsonNode params = goldenCase.get("params");
      String base = goldenCase.get("base_press").asText();
      String kind = params.get("kind").asText();
      // The original hands the decoding press a cache in score order, whose positions mean nothing.
      if (kind.equals("PrefillDecodingPress")) {
        continue;
      }
      boolean ratio = params.has("target_compression_ratio");
      ObjectNode line = JSON.objectNode();
      line.put(
          "press",
          "%s(%s,compression_interval=%s,%s)"
              .formatted(
                  ratio ? "compression_ratio_decoding" : "decoding",
                  // The file leaves out that its sinks are two.
                  base.equals("streaming_llm") ? "streaming_llm(n_sink=2)" : base,
                  params.get("compression_interval").asText(),
                  ratio
                      ? "target_compression_ratio="
                          + params.get("target_compression_ratio").asText()
                      : "target_size=" + params.get("target_size").asText()));
      ArrayNode steps = line.putArray("steps");
      int from = 0;
      for (JsonNode step : goldenCase.get("trace")) {
        int to = step.get("total_seen").asInt();
        ObjectNode tensors = steps.addObject();
        tensors.set("keys", tokens(keys, from, to));
        tensors.set("values", tokens(values, from, to));
        from = to;
      }
      Cli run = Cli.replay(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      for (int i = 0; i < steps.size(); i++) {
        assertThat(run.answer(0).at("/trace/" + i + "/kept"))
            .as("%s at step %d", line.get("press"), i)
            .isEqualTo(goldenCase.get("trace").get(i).get("kept"));
      }
      compared++;
    }
    assertThat(compared).isPositive();
  }

  private static ArrayNode singleChannel(JsonNode scores) {
    ArrayNode rows = JSON.arrayNode();
    for (JsonNode row : scores) {
      ArrayNode heads = rows.addArray();
      for (JsonNode head : row) {
        ArrayNode keys = heads.addArray();
        head.forEach(score -> keys.add(JSON.arrayNode().add(score)));
      }
    }
    return rows;
  }

  private static void assertTrace(JsonNode trace, JsonNode golden) {
    int seen = 0;
    for (int i = 0; i < golden.size(); i++) {
      seen += golden.get(i).get("new_tokens").asInt();
      JsonNode masked = golden.get(i).get("masked");
      for (int b = 0; b < masked.size(); b++) {
        for (int g = 0; g < masked.get(b).size(); g++) {
          int[] gone = Golden.ints(masked.get(b).get(g));
          int[] left =
              IntStream.range(0, seen)
                  .filter(position -> IntStream.of(gone).noneMatch(m -> m == position))
                  .toArray();
          assertThat(Golden.ints(trace.get(i).get("kept").get(b).get(g))).isEqualTo(left);
        }
      }
      assertThat(trace.get(i).get("compression_ratio").asDouble())
          .isCloseTo(golden.get(i).get("compression_ratio").asDouble(), within(1e-6));
    }
  }

  private static ArrayNode tokens(JsonNode tensor, int from, int to) {
    ArrayNode rows = JSON.arrayNode();
    for (JsonNode row : tensor) {
      ArrayNode heads = rows.addArray();
      for (JsonNode head : row) {
        ArrayNode part = heads.addArray();
        for (int i = from; i < to; i++) {
          part.add(head.get(i));
        }
      }
    }
    return rows;
  }
}
