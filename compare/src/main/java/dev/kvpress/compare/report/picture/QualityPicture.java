package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.MetricInfo;
import dev.kvpress.compare.report.folder.MetricValue;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.Words;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Quality against the fraction removed, a line for each method, with intervals. */
final class QualityPicture {
  /** Values further apart than this factor share a logarithmic axis. */
  private static final double LOG_FACTOR = 20;

  private final ResultFolder folder;
  private final Topic topic;
  private final String metric;
  private final MetricInfo info;

  QualityPicture(ResultFolder folder, Topic topic, String metric) {
    this.folder = folder;
    this.topic = topic;
    this.metric = metric;
    this.info = folder.info(metric);
  }

  XYChart chart() {
    XYChart chart =
        Look.chart(
            "Quality against compression: " + Words.topic(topic) + " (bars: 95 % intervals)",
            "fraction of the cache removed (achieved)",
            axisTitle(info),
            methods(folder).size());
    List<Cell> cells =
        folder.cells(topic).stream()
            .filter(cell -> !cell.isBaseline() && cell.achievedRatio() != null)
            .filter(cell -> cell.value(metric).isPresent())
            .toList();
    chart.getStyler().setYAxisLogarithmic(isWide(folder.cells(topic), metric));
    List<String> methods = methods(folder);
    for (String method : methods) {
      List<Cell> own =
          cells.stream()
              .filter(cell -> cell.method().equals(method))
              .sorted(Comparator.comparing(Cell::achievedRatio))
              .toList();
      if (!own.isEmpty()) {
        line(chart, method, own, methods.indexOf(method));
      }
    }
    folder.baseline(topic).flatMap(cell -> cell.value(metric)).ifPresent(v -> full(chart, v));
    return chart;
  }

  /** Methods in the order of the run: their colour is the same in every picture. */
  static List<String> methods(ResultFolder folder) {
    return folder.cells().stream().map(Cell::method).distinct().toList();
  }

  static String axisTitle(MetricInfo info) {
    return info.title()
        + (info.higherIsBetter() ? "   (higher is better)" : "   (lower is better)");
  }

  static boolean isWide(List<Cell> cells, String metric) {
    double[] values =
        cells.stream().flatMap(cell -> cell.value(metric).stream()).mapToDouble(v -> v).toArray();
    double low = Arrays.stream(values).min().orElse(1);
    double high = Arrays.stream(values).max().orElse(1);
    return low > 0 && high / low > LOG_FACTOR;
  }

  private void line(XYChart chart, String method, List<Cell> cells, int colour) {
    XYSeries series =
        chart.addSeries(
            method,
            cells.stream().map(cell -> Objects.requireNonNull(cell.achievedRatio())).toList(),
            cells.stream().map(cell -> cell.value(metric).orElseThrow()).toList());
    Look.apply(series, colour);
    for (int i = 0; i < cells.size(); i++) {
      bar(chart, method + " " + i, cells.get(i), colour);
    }
  }

  /** The interval is that of the difference to the full cache, drawn around the cell's value. */
  private void bar(XYChart chart, String name, Cell cell, int colour) {
    MetricValue figure = Objects.requireNonNull(cell.metrics().get(metric));
    Double delta = figure.delta();
    Double low = figure.low();
    Double high = figure.high();
    Double achieved = cell.achievedRatio();
    if (delta == null || low == null || high == null || achieved == null) {
      return;
    }
    double shift = cell.value(metric).orElseThrow() - delta;
    if (chart.getStyler().isYAxisLogarithmic() && low + shift <= 0) {
      return;
    }
    XYSeries bar =
        chart.addSeries(
            name, new double[] {achieved, achieved}, new double[] {low + shift, high + shift});
    bar.setShowInLegend(false);
    bar.setMarker(SeriesMarkers.NONE);
    bar.setLineColor(Look.hue(colour));
    bar.setLineWidth(1.2f);
  }

  private static void full(XYChart chart, double value) {
    Look.reference(
        chart.addSeries(
            "full cache " + Words.number(value), new double[] {0, 1}, new double[] {value, value}));
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(1.0);
  }
}
