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
    int replayed = 0;
    for (JsonNode goldenCase : Golden.load("dms").get("cases")) {
      JsonNode params = goldenCase.get("params");
      // Scores out of a table are what Knorm gives for keys of one channel, if none is positive.
      JsonNode keys = goldenCase.has("keys") ? goldenCase.get("keys") : null;
      if (keys == null) {
        continue;
      }
      ObjectNode line = JSON.objectNode();
      line.put(
          "press",
          "dms(knorm,threshold=%s,sliding_window_size=%s,decoding=true)"
              .formatted(
                  params.get("threshold").asText(), params.get("sliding_window_size").asText()));
      ArrayNode steps = line.putArray("steps");
      int from = 0;
      for (JsonNode step : goldenCase.get("trace")) {
        int to = from + step.get("new_tokens").asInt();
        steps.addObject().set("keys", tokens(keys, from, to));
        from = to;
      }
      Cli run = Cli.replay(line.toString());
      assertThat(run.exitCode()).as(run.lines().toString()).isZero();
      assertTrace(run.answer(0).get("trace"), goldenCase.get("trace"));
      replayed++;
    }
    assertThat(replayed).isPositive();
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
