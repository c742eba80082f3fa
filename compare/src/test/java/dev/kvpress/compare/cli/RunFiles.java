package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Result files of a run without what is measured with a clock, and how two runs are held against
 * each other.
 */
final class RunFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TIMES = Pattern.compile(".*(_ms|tpot|_second|resident).*");

  private RunFiles() {}

  /** Two folders have the same results. */
  static void assertSame(Path one, Path other) throws Exception {
    JsonNode cells = results(one).get("cells");
    for (int i = 0; i < cells.size(); i++) {
      assertThat(results(other).get("cells").get(i).toPrettyString())
          .isEqualTo(cells.get(i).toPrettyString());
    }
    assertThat(results(other)).isEqualTo(results(one));
    assertThat(samples(other)).isNotEmpty().isEqualTo(samples(one));
    assertThat(csv(other)).isEqualTo(csv(one));
    for (String file : List.of("maps.jsonl", "texts.jsonl", "contexts.jsonl", "plan.json")) {
      assertThat(other.resolve(file)).hasSameTextualContentAs(one.resolve(file));
    }
  }

  /**
   * The hash of all logits of each piece of work that went through: the same to the bit or other.
   */
  static Map<String, Long> logits(Path folder) throws Exception {
    Map<String, Long> hashes = new HashMap<>();
    for (String line : Files.readAllLines(folder.resolve("journal.jsonl"))) {
      JsonNode read = JSON.readTree(line);
      if (read.has("outcome")) {
        assertThat(hashes.put(read.get("key").asText(), read.at("/outcome/logitsHash").asLong()))
            .as("no piece of work twice")
            .isNull();
      }
    }
    return hashes;
  }

  static JsonNode results(Path folder) throws Exception {
    JsonNode results = JSON.readTree(folder.resolve("results.json").toFile());
    results.get("cells").forEach(RunFiles::withoutTimes);
    return results;
  }

  /** A cell or a sample without what is measured with a clock. */
  private static JsonNode withoutTimes(JsonNode row) {
    for (JsonNode part :
        List.of(row, row.path("metrics"), row.path("series"), row.path("figures"))) {
      if (part instanceof ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        object.remove(names.stream().filter(name -> TIMES.matcher(name).matches()).toList());
      }
    }
    return row;
  }

  static List<JsonNode> samples(Path folder) throws Exception {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("samples.jsonl"))) {
      rows.add(withoutTimes(JSON.readTree(line)));
    }
    return rows;
  }

  /** The header, and every line without the columns of times. */
  static List<List<String>> csv(Path folder) throws Exception {
    List<String> lines = Files.readAllLines(folder.resolve("results.csv"));
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
