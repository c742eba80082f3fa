package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.Words;
import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Perplexity along a text, and the cache that it takes: a line for each cell, one chart each. */
final class PositionPicture {
  private static final int BLOCK = 128;
  private static final String NLL = "nll_by_" + BLOCK + "_tokens";
  private static final String KV_BYTES = "kv_bytes_by_" + BLOCK + "_tokens";

  /** Points of a curve that can be told apart; more are averaged. */
  private static final int MOST_POINTS = 48;

  private static final double MEBIBYTE = 1 << 20;

  private PositionPicture() {}

  /** Empty where no cell of the topic has a curve of several blocks. */
  static Optional<Picture> of(String name, ResultFolder folder, Topic topic) {
    List<Cell> cells =
        folder.cells(topic).stream()
            .filter(cell -> cell.curve(NLL).size() > 1)
            .limit(Look.MOST_LINES)
            .toList();
    if (cells.isEmpty()) {
      return Optional.empty();
    }
    XYChart loss =
        Look.chart(
            "Perplexity by position: " + Words.topic(topic),
            "position in the text (tokens)",
            "perplexity   (lower is better)",
            cells.size());
    // In nats, so that a line that rises high does not press the others together.
    loss.getStyler()
        .setyAxisTickLabelsFormattingFunction(
            nats -> String.format(Locale.ROOT, "%.3g", Math.exp(nats)));
    XYChart cache =
        Look.chart(
            "Cache by position: " + Words.topic(topic),
            "position in the text (tokens)",
            "keys and values (MiB)   (lower is better)",
            cells.size());
    cache.getStyler().setYAxisMin(0.0);
    for (int i = 0; i < cells.size(); i++) {
      String label = Look.name(cells, i);
      line(loss, label, cells.get(i), i, NLL, nats -> nats);
      line(cache, label, cells.get(i), i, KV_BYTES, bytes -> bytes / MEBIBYTE);
    }
    return Optional.of(new Stack(name, List.of(loss, cache)));
  }

  private static void line(
      XYChart chart, String label, Cell cell, int place, String curve, DoubleUnaryOperator shown) {
    List<Double> values = cell.curve(curve);
    int step = (values.size() + MOST_POINTS - 1) / MOST_POINTS;
    List<Double> xs = new ArrayList<>();
    List<Double> ys = new ArrayList<>();
    for (int from = 0; from < values.size(); from += step) {
      List<Double> part = values.subList(from, Math.min(values.size(), from + step));
      double mean = part.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
      if (Double.isFinite(mean)) {
        xs.add(BLOCK * (from + part.size() / 2.0));
        ys.add(shown.applyAsDouble(mean));
      }
    }
    XYSeries series = chart.addSeries(label, xs, ys);
    Look.apply(series, place);
    series.setMarker(SeriesMarkers.NONE);
    if (cell.isBaseline()) {
      series.setLineColor(Look.INK);
      series.setLineStyle(new BasicStroke());
      series.setLineWidth(2.5f);
    }
  }
}
