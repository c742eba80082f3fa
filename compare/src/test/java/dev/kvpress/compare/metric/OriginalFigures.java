package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Figures that the originals gave for our texts; test-data/reference/metrics says how. */
public final class OriginalFigures {
  private static final Path FOLDER =
      Path.of(System.getProperty("kvpress.root"), "test-data", "reference", "metrics");
  private static final JsonNode ALL = read();

  private OriginalFigures() {}

  private static JsonNode read() {
    try {
      return new JsonMapper().readTree(FOLDER.resolve("figures.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Words with their stems. */
  public static List<String> stems() throws IOException {
    return Files.readAllLines(FOLDER.resolve("stems.txt"));
  }

  /** The rows of a group, at least so many. */
  public static List<JsonNode> rows(String group, int atLeast) {
    List<JsonNode> rows = new ArrayList<>();
    ALL.path(group).forEach(rows::add);
    assertThat(rows).hasSizeGreaterThanOrEqualTo(atLeast);
    return rows;
  }

  /** The texts of a list, or of the one that stands for it. */
  public static List<String> texts(JsonNode row, String column) {
    JsonNode node = row.get(column);
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(text -> texts.add(text.asText()));
    } else {
      texts.add(node.asText());
    }
    return texts;
  }

  /** Fails with every row whose figure is another than ours. */
  public static void hold(
      List<JsonNode> rows,
      String what,
      ToDoubleFunction<JsonNode> theirs,
      ToDoubleFunction<JsonNode> ours) {
    List<String> others = new ArrayList<>();
    double most = 0;
    for (JsonNode row : rows) {
      double wanted = theirs.applyAsDouble(row);
      double found = ours.applyAsDouble(row);
      most = Math.max(most, wanted);
      if (!(Math.abs(wanted - found) <= 1e-12)) {
        others.add("%s: expected %s, found %s: %s".formatted(what, wanted, found, row));
      }
    }
    assertThat(others).isEmpty();
    assertThat(most).as("a figure of %s that is not 0", what).isPositive();
  }
}
