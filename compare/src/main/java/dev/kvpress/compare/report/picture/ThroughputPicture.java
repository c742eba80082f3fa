package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

/**
 * Tokens per second against the rows of a batch, a line for each cell; a line ends at the largest
 * batch, which with a budget for the cache is the largest that fits.
 */
final class ThroughputPicture {
  private static final String ROWS = "batch_rows";
  private static final String RATES = "tokens_per_second_of_batch";

  private ThroughputPicture() {}

  /** Empty where no cell of the topic was measured so. */
  static Optional<XYChart> of(ResultFolder folder, Topic topic) {
    List<Cell> cells =
        folder.cells(topic).stream()
            .filter(cell -> !cell.curve(RATES).isEmpty())
            .limit(Look.MOST_LINES)
            .toList();
    if (cells.isEmpty()) {
      return Optional.empty();
    }
    XYChart chart =
        Look.chart(
            "Throughput against batch size: " + Words.topic(topic),
            "rows of the batch",
            "tokens per second, all rows   (higher is better)",
            cells.size());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setxAxisTickLabelsFormattingFunction(ThroughputPicture::rows);
    for (int i = 0; i < cells.size(); i++) {
      line(chart, Look.name(cells, i), cells.get(i), i);
    }
    return Optional.of(chart);
  }

  /** Where so many rows stand: doubling them is one step. */
  private static double place(double rows) {
    return Math.log(rows) / Math.log(2);
  }

  /** Label of a place. */
  private static String rows(double place) {
    double rows = Math.pow(2, place);
    return rows >= 1 && Math.abs(rows - Math.rint(rows)) < 1e-6
        ? String.valueOf(Math.round(rows))
        : "";
  }

  private static void line(XYChart chart, String name, Cell cell, int place) {
    List<Double> rows = new ArrayList<>(cell.curve(ROWS));
    List<Double> rates = new ArrayList<>(cell.curve(RATES));
    Optional<Double> largest = cell.value("largest_batch");
    Optional<Double> rate = cell.value("throughput_largest");
    if (largest.isPresent() && rate.isPresent() && largest.get() > rows.get(rows.size() - 1)) {
      rows.add(largest.get());
      rates.add(rate.get());
    }
    XYSeries series =
        chart.addSeries(name, rows.stream().map(ThroughputPicture::place).toList(), rates);
    Look.apply(series, place);
    if (cell.isBaseline()) {
      series.setLineColor(Look.INK);
      series.setMarkerColor(Look.INK);
      series.setLineWidth(2.5f);
    }
  }
}
