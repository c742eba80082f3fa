package dev.kvpress.compare.report;

import com.google.common.base.Strings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The comparison as a table in plain text, which is valid Markdown too. */
public final class ResultTable {
  private static final List<String> HEADER =
      List.of(
          "method",
          "ratio",
          "achieved",
          "perplexity",
          "ΔNLL",
          "KV logical",
          "KV physical",
          "prefill ms",
          "ms/token");
  private static final String NONE = "-";

  private ResultTable() {}

  /** The table, then errors and warnings, each a line. */
  public static String of(List<CellRow> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    for (CellRow row : rows) {
      lines.add(cells(row));
    }
    int[] widths = new int[HEADER.size()];
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
    for (CellRow row : rows) {
      if (row.error() != null) {
        text.append("\nerror: ").append(name(row)).append(": ").append(row.error());
      }
      for (String warning : row.warnings()) {
        text.append("\nwarning: ").append(warning);
      }
    }
    return text.append('\n').toString();
  }

  private static List<String> cells(CellRow row) {
    String failed = row.error() == null ? NONE : "error";
    return List.of(
        row.method(),
        requested(row),
        number("%.4f", row.achievedRatio(), failed),
        number("%.4f", row.perplexity(), failed),
        number("%+.4f", row.deltaNll(), failed),
        bytes(row.kvBytesLogical()),
        bytes(row.kvBytesPhysical()),
        number("%.1f", row.prefillMs(), NONE),
        number("%.2f", row.tpotMs(), NONE));
  }

  private static String name(CellRow row) {
    String requested = requested(row);
    return requested.equals(NONE) ? row.method() : row.method() + " at " + requested;
  }

  private static String requested(CellRow row) {
    if (row.budget() != null) {
      return row.budget() + " tok";
    }
    return row.compressionRatio() == null ? NONE : trimmed(row.compressionRatio());
  }

  private static String trimmed(double ratio) {
    return ratio == Math.rint(ratio) ? String.valueOf((long) ratio) : String.valueOf(ratio);
  }

  private static String number(String format, @Nullable Double value, String otherwise) {
    return value == null ? otherwise : String.format(Locale.ROOT, format, value);
  }

  private static String bytes(@Nullable Long bytes) {
    if (bytes == null) {
      return NONE;
    }
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
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
