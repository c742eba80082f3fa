package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the metrics of a run mean, for readers of results.json. */
final class MetricNames {
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

  /** Of each task the measures of data sets that all samples of a cell have, cell by cell. */
  private final Map<Task, List<Set<String>>> found = new LinkedHashMap<>();

  /** Takes note of a cell. */
  void add(CellOutcome cell) {
    Task task = cell.task().known();
    List<Set<String>> cells = found.computeIfAbsent(task, key -> new ArrayList<>());
    if (cell.error().isEmpty() && !cell.samples().isEmpty()) {
      cells.add(
          task.metrics().stream()
              .filter(metric -> task.measuresOfDataSets().contains(metric.name()))
              .map(Metric::figure)
              .filter(figure -> cell.samples().stream().allMatch(s -> s.figure(figure).isPresent()))
              .collect(Collectors.toUnmodifiableSet()));
    }
  }

  /** The entries of all tasks of these cells, by name of the metric. */
  Map<String, Entry> entries() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    found.forEach((task, cells) -> describe(task, cells, entries));
    return entries;
  }

  private static void describe(Task task, List<Set<String>> cells, Map<String, Entry> entries) {
    Metric first = Headlines.of(task, cells, (own, metric) -> own.contains(metric.figure()));
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
}
