package dev.kvpress.compare.report.picture;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture with what is to be known of its figures below it.
 *
 * @param picture what is drawn
 * @param notes a paragraph each
 */
record NotedPicture(Picture picture, List<String> notes) implements Picture {
  private static final int MARGIN = 12;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  /** The picture itself where there is nothing to say. */
  static Picture of(Picture picture, List<String> notes) {
    return notes.isEmpty() ? picture : new NotedPicture(picture, notes);
  }

  @Override
  public String name() {
    return picture.name();
  }

  @Override
  public BufferedImage draw() {
    BufferedImage above = picture.draw();
    Graphics2D ruler = above.createGraphics();
    FontMetrics metrics = ruler.getFontMetrics(FONT);
    ruler.dispose();
    List<String> lines = new ArrayList<>();
    notes.forEach(note -> lines.addAll(wrapped(note, metrics, above.getWidth() - 2 * MARGIN)));
    int height = above.getHeight() + lines.size() * metrics.getHeight() + MARGIN;
    BufferedImage whole = new BufferedImage(above.getWidth(), height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = whole.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, whole.getWidth(), height);
    pen.drawImage(above, 0, 0, null);
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setColor(Look.INK);
    pen.setFont(FONT);
    int y = above.getHeight() + metrics.getAscent();
    for (String line : lines) {
      pen.drawString(line, MARGIN, y);
      y += metrics.getHeight();
    }
    pen.dispose();
    return whole;
  }

  private static List<String> wrapped(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && metrics.stringWidth(line + " " + word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
