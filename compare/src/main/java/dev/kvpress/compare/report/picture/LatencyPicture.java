package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.Words;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Milliseconds of each generated token, a line for each cell. */
final class LatencyPicture {
  private LatencyPicture() {}

  /** Empty where no cell of the topic holds a curve. */
  static Optional<XYChart> of(ResultFolder folder, Topic topic) {
    List<Cell> cells =
        folder.cells(topic).stream()
            .filter(cell -> !cell.tokenMs().isEmpty())
            .limit(Look.MOST_LINES)
            .toList();
    if (cells.isEmpty()) {
      return Optional.empty();
    }
    XYChart chart =
        Look.chart(
            "Time of each generated token: " + Words.topic(topic),
            "generated token",
            "time per token (ms)   (lower is better)",
            cells.size());
    chart.getStyler().setYAxisMin(0.0);
    for (int i = 0; i < cells.size(); i++) {
      List<Double> times = cells.get(i).tokenMs();
      XYSeries series =
          chart.addSeries(
              Look.name(cells, i),
              IntStream.rangeClosed(1, times.size()).mapToObj(Integer::valueOf).toList(),
              times);
      Look.apply(series, i);
      series.setMarker(SeriesMarkers.NONE);
      if (cells.get(i).isBaseline()) {
        series.setLineColor(Look.INK);
        series.setLineWidth(2.5f);
      }
    }
    return Optional.of(chart);
  }
}
