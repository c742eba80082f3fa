package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.testdata.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The figures of the original code through the score command, from JSON to JSON. */
class GoldenScoreTest {

  @ParameterizedTest
  @CsvSource({
    "observed_attention,observed_attention",
    "h2o_press,h2o",
    "snapkv,snapkv",
    "tova,tova",
    "knorm,knorm",
    "streaming_llm,streaming_llm",
    "keydiff,keydiff",
    "lagkv,lagkv",
    "cur,cur",
    "qfilter,qfilter",
    "expected_attention,expected_attention"
  })
  void agreesWithTheOriginal(String file, String press) {
    JsonNode golden = Golden.load(file);
    List<JsonNode> entries = new ArrayList<>();
    List<JsonNode> scores = new ArrayList<>();
    StringBuilder batch = new StringBuilder();
    for (JsonNode goldenCase : golden.get("cases")) {
      if (goldenCase.has("kind")) {
        continue;
      }
      JsonNode inputs = GoldenInputs.of(golden.at("/inputs/" + goldenCase.get("input").asText()));
      for (JsonNode entry : goldenCase.get("kept")) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("press", GoldenInputs.spec(press, goldenCase.get("params")));
        line.set("compression_ratio", entry.get("compression_ratio"));
        line.set("inputs", inputs);
        batch.append(line).append('\n');
        entries.add(entry);
        scores.add(entry.has("scores") ? entry.get("scores") : goldenCase.get("scores"));
      }
    }
    Cli run = Cli.score(batch.toString());
    assertThat(run.exitCode()).as(run.lines().toString()).isZero();
    assertThat(run.lines()).hasSameSizeAs(entries).isNotEmpty();
    for (int i = 0; i < entries.size(); i++) {
      GoldenNumbers.assertClose("scores", run.answer(i).get("scores"), scores.get(i), 1e-6);
      assertKept(run.answer(i).get("kept"), entries.get(i), scores.get(i));
    }
  }

  private static void assertKept(JsonNode found, JsonNode entry, JsonNode scores) {
    JsonNode expected = entry.get("kept");
    for (int b = 0; b < expected.size(); b++) {
      for (int g = 0; g < expected.get(b).size(); g++) {
        int[] own = Golden.ints(found.get(b).get(g));
        int[] golden = Golden.ints(expected.get(b).get(g));
        if (entry.path("tie_sensitive").asBoolean()) {
          assertTied(own, Golden.floats(scores.get(b).get(g)), golden.length);
        } else {
          assertThat(own).as("row %d, head %d", b, g).isEqualTo(golden);
        }
        if (entry.has("recommended_kept")) {
          assertThat(own).isEqualTo(Golden.ints(entry.get("recommended_kept")));
        }
      }
    }
  }

  private static void assertTied(int[] kept, float[] scores, int count) {
    assertThat(kept).hasSize(count);
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float cut = sorted[sorted.length - count];
    List<Integer> own = IntStream.of(kept).boxed().toList();
    assertThat(own)
        .containsAll(
            IntStream.range(0, scores.length).filter(j -> scores[j] > cut).boxed().toList())
        .allMatch(j -> scores[j] >= cut);
  }

  @Test
  void truncatesTheBudgetAsTheOriginalButKeepsOneToken() {
    StringBuilder batch = new StringBuilder();
    JsonNode rows = Golden.load("scorer_compress").get("cases").get(0).get("rows");
    for (JsonNode row : rows) {
      String keys = "[[[" + "[1],".repeat(row.get(0).asInt() - 1) + "[1]]]]";
      batch.append(
          Cli.quoted("{'press':'knorm','compression_ratio':%s,'inputs':{'keys':%s}}\n")
              .formatted(row.get(1).asText(), keys));
    }
    Cli run = Cli.score(batch.toString());
    for (int i = 0; i < rows.size(); i++) {
      assertThat(run.answer(i).at("/kept/0/0").size())
          .as(rows.get(i).toString())
          .isEqualTo(Math.max(1, rows.get(i).get(2).asInt()));
    }
  }
}
