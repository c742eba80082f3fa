package dev.kvpress.compare.report.diff;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two runs, matched by method with parameters, budget, task and data.
 *
 * @param cells what both have, in the order of the second run
 * @param onlyFirst cells that only the first run has, in words
 * @param onlySecond cells that only the second run has
 * @param warnings why figures may not be comparable
 */
public record RunDiff(
    List<CellDiff> cells, List<String> onlyFirst, List<String> onlySecond, List<String> warnings) {
  /** Takes copies. */
  public RunDiff {
    cells = ImmutableList.copyOf(cells);
    onlyFirst = ImmutableList.copyOf(onlyFirst);
    onlySecond = ImmutableList.copyOf(onlySecond);
    warnings = ImmutableList.copyOf(warnings);
  }

  /** Puts two runs side by side; differences are second minus first. */
  public static RunDiff of(ResultFolder first, ResultFolder second) {
    Map<Cell.Key, Cell> left = byKey(first);
    Map<Cell.Key, Cell> right = byKey(second);
    List<CellDiff> both = new ArrayList<>();
    List<String> onlySecond = new ArrayList<>();
    right.forEach(
        (key, cell) -> {
          Cell other = left.get(key);
          if (other == null) {
            onlySecond.add(words(cell));
          } else {
            both.add(CellDiff.of(other, cell, figures(first, second, other, cell)));
          }
        });
    List<String> onlyFirst =
        left.entrySet().stream()
            .filter(entry -> !right.containsKey(entry.getKey()))
            .map(entry -> words(entry.getValue()))
            .toList();
    return new RunDiff(both, onlyFirst, onlySecond, warnings(first, second));
  }

  private static Map<Cell.Key, Cell> byKey(ResultFolder folder) {
    Map<Cell.Key, Cell> cells = new LinkedHashMap<>();
    folder.cells().forEach(cell -> cells.putIfAbsent(cell.key(), cell));
    return cells;
  }

  private static String words(Cell cell) {
    return cell.label() + ", " + cell.task() + " over " + cell.data();
  }

  private static List<FigureDiff> figures(ResultFolder first, ResultFolder second, Cell a, Cell b) {
    Topic topic = new Topic(b.task(), b.data());
    Set<String> names = new LinkedHashSet<>(second.metrics(topic));
    names.addAll(first.metrics(topic));
    List<FigureDiff> figures = new ArrayList<>();
    for (String name : names) {
      ResultFolder knows = second.metrics().containsKey(name) ? second : first;
      figures.add(
          FigureDiff.of(
              name,
              a.value(name).orElse(null),
              b.value(name).orElse(null),
              knows.info(name).higherIsBetter()));
    }
    if (a.achievedRatio() != null || b.achievedRatio() != null) {
      // More removed is neither good nor bad in itself.
      figures.add(
          FigureDiff.of("achieved_ratio", a.achievedRatio(), b.achievedRatio(), true).neutral());
    }
    add(figures, "kv_bytes_logical", wide(a.kvBytesLogical()), wide(b.kvBytesLogical()), false);
    if (!names.contains("tpot_ms")) {
      add(
          figures,
          "tpot_ms",
          a.tellingTpotMs().orElse(null),
          b.tellingTpotMs().orElse(null),
          false);
    }
    return figures;
  }

  private static void add(
      List<FigureDiff> figures,
      String name,
      @Nullable Double first,
      @Nullable Double second,
      boolean higherIsBetter) {
    if (first != null || second != null) {
      figures.add(FigureDiff.of(name, first, second, higherIsBetter));
    }
  }

  private static @Nullable Double wide(@Nullable Long value) {
    return value == null ? null : Double.valueOf(value);
  }

  /** What makes figures of two runs incomparable, or only comparable with care. */
  private static List<String> warnings(ResultFolder first, ResultFolder second) {
    List<String> warnings = new ArrayList<>();
    String model = "/model/content_hash";
    differ(warnings, "the model", text(first, model), text(second, model));
    differ(warnings, "the weights", weights(first), weights(second));
    Map<String, JsonNode> left = data(first);
    data(second)
        .forEach(
            (name, entry) -> {
              JsonNode other = left.get(name);
              if (other != null) {
                differ(warnings, "the content of " + name, text(other), text(entry));
                differ(
                    warnings,
                    "the number of samples of " + name,
                    other.path("samples").asText(),
                    entry.path("samples").asText());
              }
            });
    // Times are another machine's, the rest is not.
    differ(
        warnings,
        "the processor (times)",
        text(first, "/machine/cpu"),
        text(second, "/machine/cpu"));
    return warnings;
  }

  private static String text(ResultFolder folder, String path) {
    return folder.provenance().at(path).asText("unknown");
  }

  /** Older runs had no choice. */
  private static String weights(ResultFolder folder) {
    return folder.provenance().at("/model/weights").asText("f32");
  }

  private static String text(JsonNode data) {
    return data.path("sha256").asText("unknown");
  }

  /** Data files by task and name; older runs had one and no task. */
  private static Map<String, JsonNode> data(ResultFolder folder) {
    Map<String, JsonNode> files = new LinkedHashMap<>();
    JsonNode data = folder.provenance().path("data");
    for (JsonNode entry : data.isArray() ? data : List.of(data)) {
      String path = entry.path("path").asText("the data");
      String name = path.substring(path.replace('\\', '/').lastIndexOf('/') + 1);
      files.put(name + " (" + entry.path("task").asText("perplexity") + ")", entry);
    }
    return files;
  }

  private static void differ(List<String> warnings, String what, String first, String second) {
    if (!first.equals(second)) {
      warnings.add("the runs differ in %s: %s and %s".formatted(what, first, second));
    }
  }
}
