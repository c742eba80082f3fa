package dev.kvpress.compare.report.picture;

import com.google.common.collect.ImmutableList;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;

/**
 * Charts of one width, one below the other.
 *
 * @param name of its file
 * @param charts at least one
 */
record Stack(String name, List<XYChart> charts) implements Picture {
  /** Takes a copy. */
  Stack {
    charts = ImmutableList.copyOf(charts);
  }

  @Override
  public BufferedImage draw() {
    int height = charts.stream().mapToInt(XYChart::getHeight).sum();
    BufferedImage all =
        new BufferedImage(charts.get(0).getWidth(), height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = all.createGraphics();
    int y = 0;
    for (XYChart chart : charts) {
      pen.drawImage(BitmapEncoder.getBufferedImage(chart), 0, y, null);
      y += chart.getHeight();
    }
    pen.dispose();
    return all;
  }
}
