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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards on the model of the repository against one run of the same. */
class ShardRunTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TIMES = Pattern.compile(".*(_ms|tpot|_second|resident).*");

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

  /** Texts of different length, so that a press can be broken by some of them. */
  private Path texts() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("test-data/datasets/stories.jsonl"))) {
      int length = lines.size() % 3 == 1 ? 900 : 500;
      lines.add(
          JSON.createObjectNode()
              .put("text", JSON.readTree(line).get("text").asText().substring(0, length))
              .toString());
    }
    return Files.write(folder.resolve("texts.jsonl"), lines.subList(0, 5));
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

  /** A press that cannot cut the longer texts. */
  private Path breakingPress() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path resources = Files.createDirectories(folder.resolve("resources"));
    Files.writeString(
        sources.resolve("Breaking.java"),
        """
        import dev.kvpress.presses.*;
        import dev.kvpress.presses.signal.LayerSignals;
        import dev.kvpress.presses.spec.*;
        import java.util.List;
        public class Breaking extends ScorerPress implements PressProvider {
          public List<PressDescriptor> presses() {
            return List.of(PressDescriptor.named("breaking").summary("Breaks.").source("a test")
                .madeBy(arguments -> new Breaking()));
          }
          @Override public Scores score(LayerSignals layer, Budget budget) {
            if (layer.length(0, 0) > 120) {
              throw new IllegalStateException("broken by " + layer.length(0, 0) + " tokens");
            }
            Scores scores = Scores.of(layer);
            for (int g = 0; g < layer.kvHeads(); g++) {
              for (int j = 0; j < layer.length(0, g); j++) {
                scores.set(0, g, j, j % 7);
              }
            }
            return scores;
          }
        }
        """);
    Path service =
        resources.resolve("META-INF/services/dev.kvpress.presses.spec.PressProvider");
    Files.createDirectories(service.getParent());
    Files.writeString(service, "Breaking\n");
    return PressJarFile.make(folder, "breaking.jar", sources, resources);
  }

  @Test
  void threeShardsMergedAreOneRunAlsoWhereACellFails() throws Exception {
    String[] ask = {
      "--press-jar", breakingPress().toString(),
      "--methods", "knorm", "breaking",
      "--compression-ratio", "0.5",
      "--tasks", "perplexity", "qa", "latency",
      "--data-path", texts().toString(), "questions=" + questions(),
      "--weights", "int8",
      "--reference-weights", "f32",
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
    assertThat(compare("plain", ask).code()).isZero();
    assertThat(results("merged")).isEqualTo(results("plain"));
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
    JsonNode results = JSON.readTree(folder.resolve(output).resolve("results.json").toFile());
    results.get("cells").forEach(ShardRunTest::withoutTimes);
    return results;
  }

  /** A cell or a sample without what is measured with a clock. */
  private static JsonNode withoutTimes(JsonNode row) {
    for (JsonNode part : List.of(row, row.path("metrics"), row.path("series"), row.path("figures"))) {
      if (part instanceof ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        object.remove(names.stream().filter(name -> TIMES.matcher(name).matches()).toList());
      }
    }
    return row;
  }

  private List<JsonNode> samples(String output) throws Exception {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(output).resolve("samples.jsonl"))) {
      rows.add(withoutTimes(JSON.readTree(line)));
    }
    return rows;
  }

  /** The header, and every line without the columns of times. */
  private List<List<String>> csv(String output) throws Exception {
    List<String> lines = Files.readAllLines(folder.resolve(output).resolve("results.csv"));
    List<String> header = List.of(lines.get(0).split(",", -1));
    List<List<String>> rows = new ArrayList<>(List.of(header));
    for (String line : lines.subList(1, lines.size())) {
      // Commas within quotation marks do not part.
      String[] values = line.split(",(?=([^\"]*\"[^\"]*\")*[^\"]*$)", -1);
      List<String> kept = new ArrayList<>();
      for (int i = 0; i < values.length; i++) {
        if (!TIMES.matcher(header.get(i)).matches()) {
          kept.add(values[i]);
        }
      }
      rows.add(kept);
    }
    return rows;
  }
}
