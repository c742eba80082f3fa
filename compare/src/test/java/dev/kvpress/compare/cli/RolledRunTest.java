package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts longer than the demo model was made for, at true and at rolled positions. */
class RolledRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final int TRAINED = 4096;

  @TempDir Path folder;

  private Path text;

  /** Stories of the demo model's kind, one after another. */
  @BeforeEach
  void joinStories() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String line : Files.readAllLines(ROOT.resolve("test-data/datasets/stories.jsonl"))) {
      all.append(JSON.readTree(line).get("text").asText()).append(' ');
    }
    text = Files.writeString(folder.resolve("long.txt"), all);
  }

  @AfterEach
  void forget() {
    System.clearProperty("kvpress.home");
  }

  private Run run(String arguments) {
    List<String> all = new ArrayList<>(Splitter.on(' ').splitToList(arguments));
    all.addAll(
        List.of(
            "--model",
            ROOT.resolve("test-data/models/demo").toString(),
            "--tasks",
            "perplexity",
            "--data-path",
            text.toString(),
            "--protocol",
            "streaming",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--output",
            folder.resolve("out").toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode cells() throws IOException {
    return JSON.readTree(folder.resolve("out/results.json").toFile()).get("cells");
  }

  @Test
  void textsBeyondTheTrainedLengthAreWarnedOfOnceAndOnlyWhereTokensStandThere() throws IOException {
    Run run =
        run(
            "--methods streaming_llm --budget 256 --positions true rolled --beyond-trained --max-length 4352 --chunk-size 128");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.errors())
        .filteredOn(line -> line.contains("was made for 4,096"))
        .singleElement()
        .asString()
        .contains("true positions go to 4,351", "--positions rolled", "streaming_llm");
    JsonNode cells = cells();
    assertThat(cells).hasSize(3);
    assertThat(cells.at("/0/warnings").toString()).contains("true positions go to 4,351");
    assertThat(cells.at("/1/method").asText()).isEqualTo("streaming_llm");
    assertThat(cells.at("/1/warnings").toString()).contains("true positions go to 4,351");
    assertThat(cells.at("/2/method").asText()).isEqualTo("streaming_llm @rolled");
    assertThat(cells.at("/2/warnings").toString()).doesNotContain("4,351");
    assertThat(cells.at("/2/nll").asDouble()).isNotEqualTo(cells.at("/1/nll").asDouble());
    double fullPerplexity = cells.at("/0/perplexity").asDouble();
    for (JsonNode cell : cells) {
      assertThat(cell.get("delta_nll").asDouble())
          .isCloseTo(Math.log(cell.get("perplexity").asDouble() / fullPerplexity), within(1e-9));
      assertThat(cell.at("/series/nll_by_128_tokens")).hasSize(34);
    }
    // One layer of 256 tokens takes 48 KiB of keys and as much of values.
    JsonNode bytes = cells.at("/2/series/kv_bytes_by_128_tokens");
    assertThat(bytes.get(33).asLong()).isEqualTo(4 * 2 * 256 * 3 * 32 * 4L);
    assertThat(cells.at("/0/series/kv_bytes_by_128_tokens/33").asLong())
        .isEqualTo(4351L * 4 * 2 * 3 * 32 * 4);
    assertThat(folder.resolve("out/perplexity_by_position.png")).isNotEmptyFile();
  }

  @Test
  void withoutThatTextsEndWhereTheModelDoes() throws IOException {
    Run refused = run("--methods streaming_llm --budget 64 --max-length 5000");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("4096 positions", "--beyond-trained");
  }

  @Test
  void whatMovesTokensTogetherStreamsThere() throws IOException {
    Run run =
        run(
            "--methods key_rerotation(knorm) knorm --compression-ratio 0.5 --positions rolled --max-length 200 --chunk-size 8");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode cells = cells();
    assertThat(cells.at("/1/method").asText()).isEqualTo("key_rerotation(knorm) @rolled");
    assertThat(cells.at("/1/nll")).isEqualTo(cells.at("/2/nll"));
  }

  @Test
  void pressesThatGoByPlacesInTheTextAreRefusedBeforeAnythingRuns() {
    Run run =
        run(
            "--methods expected_attention --compression-ratio 0.5 --positions rolled --max-length 200");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("expected_attention @rolled", "rolled positions", "stand at their slots");
  }

  @Test
  @Tag("stress")
  void perplexityStaysFlatOverEightTimesTheTrainedLength() throws IOException {
    Run run =
        run(
            "--methods streaming_llm h2o(hh_size=128,recent_size=896) --budget 1024 --positions rolled --beyond-trained --max-length %d --chunk-size 64"
                .formatted(8 * TRAINED));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode cells = cells();
    double fullAtTheEnd = mean(cells.get(0), 192, 256);
    for (JsonNode cell : List.of(cells.get(1), cells.get(2))) {
      // A quarter of the text holds three stories or so, which differ.
      assertThat(mean(cell, 192, 256)).isLessThan(mean(cell, 16, 80) + 0.1);
      assertThat(mean(cell, 192, 256)).isLessThan(fullAtTheEnd - 0.5);
      JsonNode bytes = cell.at("/series/kv_bytes_by_128_tokens");
      assertThat(IntStream.range(8, 256).mapToLong(i -> bytes.get(i).asLong()).distinct())
          .hasSize(1);
    }
  }

  private static double mean(JsonNode cell, int from, int to) {
    JsonNode curve = cell.at("/series/nll_by_128_tokens");
    return IntStream.range(from, to)
        .mapToDouble(i -> curve.get(i).asDouble())
        .average()
        .orElseThrow();
  }
}
