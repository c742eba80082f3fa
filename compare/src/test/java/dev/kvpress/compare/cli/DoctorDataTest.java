package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor --data-path}: what data is, what a model sees of it, and what is wrong with it. */
class DoctorDataTest extends AtHome {
  @TempDir Path folder;

  private Run doctor(String... arguments) {
    List<String> all = new ArrayList<>(List.of("doctor"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--cache-dir", folder.resolve("cache").toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private Path file(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void saysShapeTaskMetricsAndTheFirstPromptOfEachFileOnTheDemoModel() throws Exception {
    Run run =
        doctor(
            "--data-path",
            ROOT.resolve("test-data/datasets/stories.jsonl").toString(),
            ROOT.resolve("test-data/datasets/recall.jsonl").toString());

    assertThat(run.code()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("stories.jsonl, task perplexity", "recall.jsonl, task recall")
        .contains("the demo model")
        .containsPattern("ok measured +perplexity, nll")
        .containsPattern("ok context, ids +\\d+ \\d+")
        .containsPattern("ok behind it, \\d+ tok")
        .containsPattern("ok expected +\"")
        // A look at data is no look at presses.
        .doesNotContain("attention_sums");
  }

  @Test
  void showsTheSamePromptAsTheDryRun() throws Exception {
    String data = ROOT.resolve("test-data/datasets/recall.jsonl").toString();
    Run doctor = doctor("--data-path", data);
    Run dry =
        Run.of(
            "--dry-run",
            "--methods",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--data-path",
            data,
            "--cache-dir",
            folder.resolve("cache").toString());

    List<String> shown =
        dry.out()
            .lines()
            .dropWhile(line -> !line.startsWith("first prompt"))
            .skip(1)
            .map(line -> line.substring(line.indexOf(": ") + 2))
            .toList();
    assertThat(shown)
        .hasSizeGreaterThan(4)
        .allSatisfy(text -> assertThat(doctor.out()).contains(text));
  }

  @Test
  void faultsOfEachFileAreToldWithTheirLinesAndTheOthersAreLookedAtAllTheSame() throws Exception {
    Path ids =
        file("ids.jsonl", "{\"token_ids\": [1, 2, 3, 4]}\n{\"token_ids\": [1, 999999, 3, 4]}\n");
    Path good = file("good.jsonl", "{\"text\": \"Once upon a time there was a hat.\"}\n");
    Run run = doctor("--format", "json", "--data-path", ids.toString(), good.toString());

    assertThat(run.code()).isEqualTo(2);
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.get("ok").asBoolean()).isFalse();
    JsonNode bad = report.get("data %s, task perplexity".formatted(ids));
    assertThat(bad.get(0).get("state").asText()).isEqualTo("fault");
    assertThat(bad.get(0).get("found").asText()).contains("ids.jsonl:2", "999999", "vocabulary");
    JsonNode fine = report.get("data %s, task perplexity".formatted(good));
    assertThat(fine).noneMatch(check -> check.get("state").asText().equals("fault"));
  }

  @Test
  void aFileThatFitsNoShapeIsAFaultWithItsColumns() throws Exception {
    Path odd = file("odd.jsonl", "{\"foo\": 1, \"bar\": 2}\n");
    Run run = doctor("--data-path", odd.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).contains("!! data", "foo", "bar", "--columns", "something is wrong");
  }
}
