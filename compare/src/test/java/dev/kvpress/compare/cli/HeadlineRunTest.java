package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measure of a data set stands in the table and ranks the methods. */
class HeadlineRunTest {
  private static final Path DEMO =
      Path.of(System.getProperty("kvpress.root"), "test-data/models/demo");
  private static final String COUNTED =
      "{\"context\": \"Mira keeps the lantern.\", \"input\": \"How many?\", \"answers\": [\"3\"],"
          + " \"dataset\": \"passage_count\"}\n";
  private static final String ASKED =
      "{\"context\": \"Mira keeps the lantern.\", \"input\": \"Who?\", \"answers\": [\"Mira\"],"
          + " \"dataset\": \"own\"}\n";

  @TempDir Path folder;

  private Run run(String rows) throws Exception {
    Path file = folder.resolve("rows.jsonl");
    Files.writeString(file, rows);
    return Run.of(
        "--methods",
        "baseline",
        "--model",
        DEMO.toString(),
        "--data-path",
        "qa=" + file,
        "--max-new-tokens",
        "2",
        "--cache-dir",
        folder.resolve("cache").toString(),
        "--output",
        folder.resolve("out").toString());
  }

  private boolean isPrimary(String metric) throws Exception {
    JsonNode results = new ObjectMapper().readTree(folder.resolve("out/results.json").toFile());
    JsonNode primary = results.at("/metrics/" + metric + "/primary");
    assertThat(primary.isBoolean()).as(metric).isTrue();
    return primary.booleanValue();
  }

  @Test
  void whereAllSamplesHaveIt() throws Exception {
    Run run = run(COUNTED + COUNTED);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow())
        .contains("LongBench score")
        .doesNotContain("answers found");
    assertThat(isPrimary("longbench_score")).isTrue();
    assertThat(isPrimary("string_match")).isFalse();
  }

  @Test
  void andNotWhereSomeHaveNone() throws Exception {
    Run run = run(COUNTED + ASKED);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow()).contains("answers found");
    assertThat(isPrimary("string_match")).isTrue();
  }
}
