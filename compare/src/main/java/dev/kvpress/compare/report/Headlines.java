package dev.kvpress.compare.report;

import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.Tasks;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * By which metric the methods of a task are ranked: the measure of the data set where all samples
 * have one, else the first of the task.
 */
final class Headlines {
  private Headlines() {}

  /** Of rows of a finished run; those of errors have no figures and do not count. */
  static Optional<Metric> of(String task, List<CellRow> rows) {
    List<CellRow> own =
        rows.stream().filter(row -> row.task().equals(task) && row.error() == null).toList();
    return Tasks.find(task).map(known -> of(known, own, Headlines::hasOfAllSamples));
  }

  private static boolean hasOfAllSamples(CellRow row, Metric metric) {
    MetricRow figure = row.metrics().get(metric.name());
    int most = row.metrics().values().stream().mapToInt(MetricRow::n).max().orElse(0);
    return figure != null && figure.n() == most;
  }

  /** Of cells of a task; {@code has} says whether all samples of a cell have a metric. */
  static <T> Metric of(Task task, List<T> cells, BiPredicate<T, Metric> has) {
    return task.metrics().stream()
        .filter(metric -> task.measuresOfDataSets().contains(metric.name()))
        .filter(
            metric -> !cells.isEmpty() && cells.stream().allMatch(cell -> has.test(cell, metric)))
        .findFirst()
        .orElse(task.metrics().get(0));
  }
}
