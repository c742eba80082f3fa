package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the metrics of a run mean, for readers of results.json. */
final class MetricNames {
  private MetricNames() {}

  /**
   * One metric.
   *
   * @param task it belongs to
   * @param label for people
   * @param unit may be empty
   * @param higherIsBetter which direction is good
   * @param primary whether methods are ranked by it
   */
  record Entry(
      String task,
      String label,
      String unit,
      @JsonProperty("higher_is_better") boolean higherIsBetter,
      boolean primary) {}

  static Map<String, Entry> of(List<CellOutcome> cells) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    cells.stream()
        .map(cell -> cell.assignment().task())
        .distinct()
        .forEach(task -> describe(task, cells, entries));
    return entries;
  }

  private static void describe(Task task, List<CellOutcome> cells, Map<String, Entry> entries) {
    List<CellOutcome> own =
        cells.stream()
            .filter(cell -> cell.assignment().task() == task && cell.error().isEmpty())
            .toList();
    Metric first = Headlines.of(task, own, MetricNames::hasOfAllSamples);
    for (Metric metric : task.metrics()) {
      entries.put(
          metric.name(),
          new Entry(
              task.name(),
              metric.label(),
              metric.unit(),
              metric.higherIsBetter(),
              metric.equals(first)));
    }
  }

  private static boolean hasOfAllSamples(CellOutcome cell, Metric metric) {
    return cell.samples().stream().allMatch(sample -> sample.figure(metric.figure()).isPresent());
  }
}
