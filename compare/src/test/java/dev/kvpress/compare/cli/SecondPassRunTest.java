package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presses that read the context again, through the commands and on the demo model. */
class SecondPassRunTest {
  private static final String ROOT = System.getProperty("kvpress.root", ".");
  private static final String DEMO = ROOT + "/test-data/models/demo";

  @TempDir Path folder;

  @Test
  void whatASecondPassCostsStandsInTableAndResults() throws IOException {
    Run run =
        Run.of(
            "--model",
            DEMO,
            "--data-path",
            ROOT + "/test-data/datasets/stories.jsonl",
            "--methods",
            "kvzip",
            "kvcompose",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--max-samples",
            "1",
            "--max-length",
            "200",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("out").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("second pass ms (tokens)");
    JsonNode cells =
        new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
    int context = 0;
    for (JsonNode cell : cells) {
      boolean again = cell.get("method").asText().startsWith("kv");
      assertThat(cell.get("second_pass_ms").isNumber()).as(cell.toString()).isEqualTo(again);
      assertThat(cell.get("second_pass_tokens").isNumber()).isEqualTo(again);
      if (cell.get("method").asText().equals("kvcompose")) {
        context = cell.get("second_pass_tokens").asInt();
        assertThat(context).isBetween(50, 200);
        assertThat(cell.get("second_pass_ms").asDouble()).isPositive();
      }
    }
    JsonNode kvzip = cells.get(1);
    assertThat(kvzip.get("method").asText()).isEqualTo("kvzip");
    // The request to repeat and a line end stand before the context.
    assertThat(kvzip.get("second_pass_tokens").asInt()).isBetween(context + 5, context + 60);
    assertThat(Files.readString(folder.resolve("out/results.csv"))).contains(",second_pass_ms,");
  }

  @Test
  void generateSaysWhatWasReadAgain() {
    Run run =
        Run.of(
            "generate",
            "--model",
            DEMO,
            "--prompt",
            "In Marrow there lived a hungry tanner called Asta, known for skill and honesty.",
            "--press",
            "kvzip_plus",
            "--compression-ratio",
            "0.5",
            "--max-new-tokens",
            "3",
            "--cache-dir",
            folder.resolve("cache").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).containsPattern("second pass of \\d+ tokens [0-9.]+ ms, 50.0 %");
  }

  @Test
  void recordedLayersCannotBeReadAgain() {
    String layer =
        "{\"press\":\"kvzip\",\"compression_ratio\":0.5,\"inputs\":{\"keys\":[[[[1,2],[3,4]]]],\"values\":[[[[1,2],[3,4]]]]}}";
    Run run = Run.withInput(layer, "score", "--batch", "-");
    assertThat(run.out() + run.err())
        .contains("press kvzip lets the model read the context a second time", "use it in compare");
  }
}
