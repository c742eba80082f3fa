package dev.kvpress.compare.report;

import com.google.common.base.Strings;
import java.util.List;

/** Lays out a table that is plain text and valid Markdown. */
public final class TextTable {
  private TextTable() {}

  /** The table; the first line is the header, the first column of each stands left. */
  public static String of(List<List<String>> texts) {
    List<List<String>> lines =
        texts.stream().map(line -> line.stream().map(TextTable::oneLine).toList()).toList();
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      append(text, lines.get(i), widths);
      if (i == 0) {
        appendRule(text, widths);
      }
    }
    return text.toString();
  }

  /** A cell's text as a table can hold it: names of files may have line ends. */
  public static String oneLine(String text) {
    return text.replaceAll("\\R|\\p{Cntrl}", " ");
  }

  private static void append(StringBuilder text, List<String> cells, int[] widths) {
    text.append('|');
    for (int c = 0; c < widths.length; c++) {
      String padded =
          c == 0
              ? Strings.padEnd(cells.get(c), widths[c], ' ')
              : Strings.padStart(cells.get(c), widths[c], ' ');
      text.append(' ').append(padded).append(" |");
    }
    text.append('\n');
  }

  private static void appendRule(StringBuilder text, int[] widths) {
    text.append('|');
    for (int c = 0; c < widths.length; c++) {
      text.append(c == 0 ? ":" : "-").append("-".repeat(widths[c])).append(c == 0 ? "-|" : ":|");
    }
    text.append('\n');
  }
}
