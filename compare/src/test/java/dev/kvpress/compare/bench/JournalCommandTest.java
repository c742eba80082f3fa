package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalCommandTest {
  @TempDir Path folder;

  @Test
  void measuresEachStepInAProcessOfItsOwn() throws Exception {
    Path output = folder.resolve("figures.json");
    int code =
        BenchMain.commandLine(new JournalCommand())
            .execute(
                "--rows=240",
                "--cells=4",
                "--shards=2",
                "--heap=256m",
                "--check",
                "--folder=" + folder.resolve("runs"),
                "--output=" + output);
    assertThat(code).isZero();
    JsonNode figures = new ObjectMapper().readTree(output.toFile());
    assertThat(figures.get("rows").asInt()).isEqualTo(240);
    for (String step : new String[] {"status", "merge", "report"}) {
      assertThat(figures.get(step).get("seconds").asDouble()).as(step).isPositive();
      assertThat(figures.get(step).get("heap").asDouble()).as(step).isGreaterThan(1 << 20);
    }
    assertThat(folder.resolve("runs/merged/report.html")).isNotEmptyFile();
  }
}
