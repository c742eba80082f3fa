package dev.kvpress.compare.report.picture;

import dev.kvpress.compare.report.folder.Cell;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Colours, shapes and sizes that all pictures share. */
final class Look {
  static final int WIDTH = 1000;

  /** Curves in one picture; more cannot be told apart. */
  static final int MOST_LINES = 100;

  private static final int HEIGHT = 640;

  /** Of the legend. */
  private static final int LINE = 24;

  /** After Okabe and Ito: told apart by people of any colour vision. */
  private static final List<Color> HUES =
      List.of(
          new Color(0x0072b2),
          new Color(0xd55e00),
          new Color(0x007a5a),
          new Color(0xa8558a),
          new Color(0xb37400),
          new Color(0x767676));

  private static final List<Marker> SHAPES =
      List.of(
          SeriesMarkers.CIRCLE,
          SeriesMarkers.SQUARE,
          SeriesMarkers.TRIANGLE_UP,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.TRIANGLE_DOWN,
          SeriesMarkers.CROSS);

  private static final List<BasicStroke> DASHES =
      List.of(SeriesLines.SOLID, SeriesLines.DASH_DASH, SeriesLines.DOT_DOT);

  /** Of even steps in lightness, from dark blue to yellow; the same as on the page. */
  static final Color[] SCALE = {
    new Color(0x00204d),
    new Color(0x31446b),
    new Color(0x666970),
    new Color(0x958f78),
    new Color(0xcbba69),
    new Color(0xffea46)
  };

  static final Color INK = new Color(0x1b1f24);
  private static final Color GRID = new Color(0xd0d7de);

  private Look() {}

  /**
   * An empty chart of two numeric axes.
   *
   * @param names in the legend, all of which shall be seen
   */
  static XYChart chart(String title, String x, String y, int names) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(Math.max(HEIGHT, LINE * (names + 3)))
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    plain(chart.getStyler());
    chart.getStyler().setPlotGridLinesColor(GRID);
    chart.getStyler().setPlotGridLinesStroke(new BasicStroke(1));
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setMarkerSize(9);
    return chart;
  }

  /** White ground, dark ink, one font. */
  static void plain(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartFontColor(INK);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setLegendBorderColor(GRID);
    styler.setChartTitleBoxVisible(false);
  }

  /** A cell's name in the legend; two may bear one label where only their parameters differ. */
  static String name(List<Cell> cells, int place) {
    List<String> labels = cells.stream().map(Cell::label).toList();
    String label = labels.get(place);
    return labels.indexOf(label) == place ? label : label + " (" + place + ")";
  }

  static Color hue(int method) {
    return HUES.get(method % HUES.size());
  }

  /** Shapes go round out of step with the colours, so that pairs repeat late. */
  static void apply(XYSeries series, int method) {
    int round = method / HUES.size();
    series.setLineColor(hue(method));
    series.setMarkerColor(hue(method));
    series.setMarker(SHAPES.get((method + round) % SHAPES.size()));
    series.setLineStyle(DASHES.get(round % DASHES.size()));
    series.setLineWidth(1.5f);
  }

  /** A line that belongs to no method. */
  static void reference(XYSeries series) {
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(INK);
    series.setLineStyle(SeriesLines.DASH_DASH);
    series.setLineWidth(1.2f);
  }
}
