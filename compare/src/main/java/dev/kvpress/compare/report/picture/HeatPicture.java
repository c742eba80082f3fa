package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.AttentionMap;
import dev.kvpress.compare.report.folder.KeepMap;
import dev.kvpress.compare.report.folder.NeedleMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.Styler;

/** Heat maps: attention on a logarithmic scale, and which tokens were kept. */
final class HeatPicture {
  /** Weights below this share of one look alike: five decades. */
  private static final double DECADES = 5;

  /** More cells than pixels would only hide each other. */
  private static final int MOST_CELLS = 256;

  private static final int SIDE = 800;
  private static final int SMALL = 440;
  private static final int LABELS = 16;

  private HeatPicture() {}

  /** Rows are queries from above, columns keys; the colour is log10 of the probability. */
  static HeatMapChart attention(AttentionMap map) {
    HeatMapChart chart =
        chart(
            "Attention, " + map.label() + ": log10 of the probability",
            "key position (token)",
            "query position (token)",
            Look.WIDTH,
            SIDE);
    fill(chart, map);
    return chart;
  }

  /** The same for a sheet of several. */
  static HeatMapChart small(AttentionMap map) {
    HeatMapChart chart = chart(map.label(), "key", "query", SMALL, SMALL);
    chart.getStyler().setXAxisMaxLabelCount(LABELS / 2);
    fill(chart, map);
    return chart;
  }

  private static void fill(HeatMapChart chart, AttentionMap map) {
    int step = (map.tokens() + MOST_CELLS - 1) / MOST_CELLS;
    int count = (map.tokens() + step - 1) / step;
    List<Number[]> cells = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      for (int k = 0; k <= q; k++) {
        double log = Math.log10(Math.max(map.weight(q * step, k * step), 1e-30));
        cells.add(new Number[] {k, count - 1 - q, Math.max(-DECADES, Math.min(0, log))});
      }
    }
    chart.getStyler().setMin(-DECADES).setMax(0);
    chart
        .getStyler()
        .setHeatMapDecimalValueFormatter(v -> String.format(Locale.ROOT, "10^%.0f", v));
    List<Integer> keys = IntStream.range(0, count).mapToObj(i -> i * step).toList();
    List<Integer> queries = new ArrayList<>(keys);
    Collections.reverse(queries);
    chart.addSeries("attention", keys, queries, cells);
  }

  /** Rows are depths from above, columns lengths; the colour is the mean of the metric. */
  static HeatMapChart needles(NeedleMap map, String title, boolean isFraction) {
    int rows = map.depths().size();
    HeatMapChart chart =
        chart(
            title,
            "context (tokens)",
            "depth of the needle (%)",
            Look.WIDTH,
            Math.min(SIDE, 260 + 36 * rows));
    List<Number[]> cells = new ArrayList<>();
    for (NeedleMap.Spot spot : map.spots()) {
      cells.add(new Number[] {spot.length(), rows - 1 - spot.depth(), spot.value()});
    }
    if (isFraction) {
      chart.getStyler().setMin(0).setMax(1);
    }
    chart.getStyler().setHeatMapDecimalValueFormatter(v -> String.format(Locale.ROOT, "%.2f", v));
    List<String> depths = new ArrayList<>(map.depths());
    Collections.reverse(depths);
    chart.addSeries("found", map.lengths(), depths, cells);
    return chart;
  }

  /** Rows are layers from above, columns tokens; the colour is the share of heads that keep. */
  static HeatMapChart keepMap(KeepMap map, String title) {
    List<byte[]> layers = map.heads();
    int step = (map.tokens() + MOST_CELLS - 1) / MOST_CELLS;
    int count = (map.tokens() + step - 1) / step;
    List<Number[]> cells = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      for (int c = 0; c < count; c++) {
        cells.add(
            new Number[] {c, layers.size() - 1 - l, share(layers.get(l), c * step, step, map)});
      }
    }
    HeatMapChart chart =
        chart(
            title, "token position", "layer", Look.WIDTH, Math.min(SIDE, 260 + 22 * layers.size()));
    chart.getStyler().setMin(0).setMax(1);
    chart
        .getStyler()
        .setHeatMapDecimalValueFormatter(v -> String.format(Locale.ROOT, "%.0f %%", 100 * v));
    List<Integer> rows = new ArrayList<>(IntStream.range(0, layers.size()).boxed().toList());
    Collections.reverse(rows);
    chart.addSeries(
        "kept", IntStream.range(0, count).mapToObj(i -> i * step).toList(), rows, cells);
    return chart;
  }

  private static double share(byte[] heads, int from, int step, KeepMap map) {
    int to = Math.min(heads.length, from + step);
    long sum = 0;
    for (int t = from; t < to; t++) {
      sum += heads[t];
    }
    return (double) sum / ((long) (to - from) * map.kvHeads());
  }

  private static HeatMapChart chart(String title, String x, String y, int width, int height) {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Look.plain(chart.getStyler());
    chart.getStyler().setRangeColors(Look.SCALE);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setXAxisMaxLabelCount(LABELS);
    chart.getStyler().setPlotGridLinesVisible(false);
    // Smoothed edges of cells narrower than a few pixels would show as a grid.
    chart.getStyler().setAntiAlias(false);
    return chart;
  }
}
