package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards on the model of the repository against one run of the same. */
class ShardRunTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Run compare(String output, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(
        List.of(
            "--model", ROOT.resolve("test-data/models/demo").toString(),
            "--cache-dir", folder.resolve("cache").toString(),
            "--max-new-tokens", "3",
            "--output", folder.resolve(output).toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private Run merge(String output, String... folders) {
    List<String> all = new ArrayList<>(List.of("merge"));
    Arrays.stream(folders).map(folder::resolve).map(Path::toString).forEach(all::add);
    all.addAll(List.of("--output", folder.resolve(output).toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private Path texts() throws Exception {
    return BreakingPress.texts(folder, ROOT.resolve("test-data/datasets/stories.jsonl"));
  }

  /** Two questions on each of three contexts, not one after the other. */
  private Path questions() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String question : List.of("What does Ida love?", "Who is known for courage?")) {
      for (int i = 0; i < 3; i++) {
        ObjectNode row =
            (ObjectNode)
                JSON.readTree(
                    Files.readAllLines(ROOT.resolve("test-data/datasets/recall.jsonl")).get(i));
        ObjectNode own = JSON.createObjectNode();
        own.put("context", row.get("context").asText().substring(0, 500));
        own.put("question", question);
        own.putArray("answers").add(row.get("answer").asText());
        lines.add(own.toString());
      }
    }
    return Files.write(folder.resolve("asked.jsonl"), lines);
  }

  @Test
  void threeShardsMergedAreOneRunAlsoWhereACellFails() throws Exception {
    String[] ask = {
      "--press-jar",
      BreakingPress.in(folder).toString(),
      "--methods",
      "knorm",
      "breaking",
      "--compression-ratio",
      "0.5",
      "--tasks",
      "perplexity",
      "qa",
      "latency",
      "--data-path",
      texts().toString(),
      "questions=" + questions(),
      "--weights",
      "int8",
      "--reference-weights",
      "f32",
      "--log-samples"
    };
    Run plain = compare("plain", ask);
    assertThat(plain.code()).as(plain.err()).isEqualTo(3);
    for (int number = 1; number <= 3; number++) {
      List<String> part = new ArrayList<>(Arrays.asList(ask));
      part.addAll(List.of("--shard", number + "/3"));
      Run shard = compare("shard-" + number, part.toArray(new String[0]));
      assertThat(shard.code()).as(shard.err()).isIn(0, 3);
      assertThat(shard.err()).contains("shard %d/3 takes".formatted(number), "of 8 contexts");
    }

    Run merged = merge("merged", "shard-3", "shard-1", "shard-2");

    assertThat(merged.code()).as(merged.err()).isEqualTo(3);
    for (int i = 0; i < results("plain").get("cells").size(); i++) {
      assertThat(results("merged").get("cells").get(i).toPrettyString())
          .isEqualTo(results("plain").get("cells").get(i).toPrettyString());
    }
    assertThat(results("merged")).isEqualTo(results("plain"));
    assertThat(results("plain").toString())
        .contains("broken by", "reference_perplexity")
        .doesNotContain("it was not run");
    assertThat(samples("merged")).isEqualTo(samples("plain")).isNotEmpty();
    assertThat(csv("merged")).isEqualTo(csv("plain"));
    for (String file : List.of("maps.jsonl", "texts.jsonl")) {
      assertThat(folder.resolve("merged").resolve(file))
          .isNotEmptyFile()
          .hasSameTextualContentAs(folder.resolve("plain").resolve(file));
    }
    JsonNode run = JSON.readTree(folder.resolve("merged/run.json").toFile());
    assertThat(run.get("machines")).hasSize(3);
    assertThat(run.get("model"))
        .isEqualTo(JSON.readTree(folder.resolve("plain/run.json").toFile()).get("model"));
    assertThat(folder.resolve("merged/report.html")).isNotEmptyFile();
    // The merged folder can be reported again, and held against the plain one.
    assertThat(Run.of("report", folder.resolve("merged").toString()).code()).isZero();
  }

  @Test
  void aShardWithoutContextsEndsWell() throws Exception {
    String[] ask = {
      "--methods", "knorm",
      "--compression-ratio", "0.5",
      "--data-path", texts().toString(),
      "--max-samples", "2"
    };
    for (int number = 1; number <= 3; number++) {
      List<String> part = new ArrayList<>(Arrays.asList(ask));
      part.addAll(List.of("--shard", number + "/3"));
      Run shard = compare("shard-" + number, part.toArray(new String[0]));
      assertThat(shard.code()).as(shard.err()).isZero();
      assertThat(shard.err()).contains(number == 3 ? "there is nothing to do" : "takes 1 of 2");
    }
    Run merged = merge("merged", "shard-1", "shard-2", "shard-3");
    assertThat(merged.code()).as(merged.err()).isZero();
    Run gated =
        Run.of(
            "merge",
            folder.resolve("shard-1").toString(),
            folder.resolve("shard-2").toString(),
            "--partial",
            "--output",
            folder.resolve("gated").toString(),
            "--fail-if",
            "perplexity>1");
    assertThat(gated.code()).as(gated.err()).isEqualTo(4);
    assertThat(gated.err()).contains("--fail-if perplexity>1", "knorm at 0.5");
    assertThat(compare("plain", ask).code()).isZero();
    assertThat(results("merged")).isEqualTo(results("plain"));
    List<String> other = new ArrayList<>(Arrays.asList(ask));
    other.addAll(List.of("--shard", "2/3", "--chunk-size", "128", "--seed", "3"));
    assertThat(compare("other", other.toArray(new String[0])).code()).isZero();
    Run refused = merge("none", "shard-1", "other", "shard-3");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains(
            "does not belong to",
            "setting: chunk size: expected 256, found 128",
            "setting: seed: expected 42, found 3");
    assertThat(folder.resolve("none")).doesNotExist();
    assertThat(Run.of("status", folder.resolve("shard-1").toString()).code()).isEqualTo(3);
    assertThat(Run.of("status", folder.resolve("merged").toString()).code()).isZero();
  }

  @Test
  void shardsCountFromOne() {
    for (String wrong : List.of("0/3", "4/3", "1", "1/0", "-1/3", "a/b", "1/3/5")) {
      Run run = compare("out", "--methods", "knorm", "--shard=" + wrong);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err())
          .contains("--shard: expected I/N with I from 1 to N", "found '" + wrong + "'");
    }
    assertThat(compare("out", "--methods", "knorm", "--shard", "0/3").err())
        .contains("the first shard is 1");
  }

  private JsonNode results(String output) throws Exception {
    return RunFiles.results(folder.resolve(output));
  }

  private List<JsonNode> samples(String output) throws Exception {
    return RunFiles.samples(folder.resolve(output));
  }

  private List<List<String>> csv(String output) throws Exception {
    return RunFiles.csv(folder.resolve(output));
  }
}
