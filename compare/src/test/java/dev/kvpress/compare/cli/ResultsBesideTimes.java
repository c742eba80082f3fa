package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Holds result files of two runs against each other, but for times. */
final class ResultsBesideTimes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields of times; what is said of times names them. */
  private static final Pattern TIMES =
      Pattern.compile(
          ".*(_ms|_ms_.*|tpot.*|ttft.*|itl.*|tokens_per_second.*|_nanos|latency.*|seconds.*)");

  private static final Pattern REMARK = Pattern.compile("ms/token is left out.*");

  private ResultsBesideTimes() {}

  static void assertEqual(Path one, Path other) throws IOException {
    assertThat(cells(other)).as("results.json").isEqualTo(cells(one));
    for (String file : List.of("samples.jsonl")) {
      assertThat(lines(other.resolve(file))).as(file).isEqualTo(lines(one.resolve(file)));
    }
    for (String file : List.of("maps.jsonl", "texts.jsonl", "contexts.jsonl", "plan.json")) {
      assertThat(other.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
    }
    assertThat(table(other)).as("results.csv").isEqualTo(table(one));
  }

  private static JsonNode cells(Path folder) throws IOException {
    return without(JSON.readTree(folder.resolve("results.json").toFile()));
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      all.add(without(JSON.readTree(line)));
    }
    return all;
  }

  private static JsonNode without(JsonNode node) {
    if (node instanceof ObjectNode object) {
      Set<String> names = new java.util.HashSet<>();
      object.fieldNames().forEachRemaining(names::add);
      names.stream().filter(name -> TIMES.matcher(name).matches()).forEach(object::remove);
    }
    if (node instanceof ArrayNode array) {
      for (int i = array.size() - 1; i >= 0; i--) {
        if (array.get(i).isTextual() && REMARK.matcher(array.get(i).asText()).matches()) {
          array.remove(i);
        }
      }
    }
    node.forEach(ResultsBesideTimes::without);
    return node;
  }

  private static List<List<String>> table(Path folder) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("results.csv"));
    String[] names = lines.get(0).split(",", -1);
    List<List<String>> rows = new ArrayList<>();
    for (String line : lines) {
      // Fields with commas stand in quotes.
      String[] fields = line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1);
      assertThat(fields).hasSameSizeAs(names);
      List<String> row = new ArrayList<>();
      for (int i = 0; i < names.length; i++) {
        if (!TIMES.matcher(names[i]).matches()) {
          row.add(fields[i].replaceAll("ms/token is left out[^;\"]*(; )?", ""));
        }
      }
      rows.add(row);
    }
    return rows;
  }
}
