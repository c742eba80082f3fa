package dev.kvpress.compare.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The table for the terminal, which is also a table in Markdown. */
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
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private ResultTable() {}

  /** The table, and below it what went wrong or must be known; each line ends with a line break. */
  public static String of(List<Cell> cells) {
    List<String> files = cells.stream().map(Cell::data).distinct().toList();
    StringBuilder text = new StringBuilder();
    for (String data : files) {
      List<Cell> own = cells.stream().filter(cell -> cell.data().equals(data)).toList();
      if (text.length() > 0) {
        text.append('\n');
      }
      text.append(own.get(0).task()).append(", ").append(data).append(":\n\n");
      table(text, own);
      remarks(text, own);
    }
    return text.toString();
  }

  private static void table(StringBuilder text, List<Cell> cells) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    cells.forEach(cell -> rows.add(row(cell)));
    int[] widths = new int[HEADER.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (int r = 0; r < rows.size(); r++) {
      line(text, rows.get(r), widths);
      if (r == 0) {
        rule(text, widths);
      }
    }
  }

  private static void line(StringBuilder text, List<String> row, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      String pad = " ".repeat(widths[i] - row.get(i).length());
      text.append("| ").append(i == 0 ? row.get(i) + pad : pad + row.get(i)).append(' ');
    }
    text.append("|\n");
  }

  private static void rule(StringBuilder text, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      String dashes = "-".repeat(widths[i]);
      text.append('|').append(i == 0 ? ":" + dashes + "-" : "-" + dashes + ":");
    }
    text.append("|\n");
  }

  private static List<String> row(Cell cell) {
    List<String> row = new ArrayList<>();
    row.add(cell.method());
    row.add(requested(cell));
    if (cell.figures().isEmpty()) {
      row.add("failed");
      while (row.size() < HEADER.size()) {
        row.add("-");
      }
      return row;
    }
    Cell.Figures f = cell.figures().get();
    row.add(fixed(3, f.achievedRatio()));
    row.add(fixed(f.perplexity() < 1000 ? 4 : 1, f.perplexity()));
    row.add(f.deltaNll().isPresent() ? signed(f.deltaNll()) : "-");
    row.add(bytes(f.kvBytesLogical()));
    row.add(bytes(f.kvBytesPhysical()));
    row.add(fixed(1, f.prefillMs()));
    row.add(f.tpotMs().isPresent() ? fixed(2, f.tpotMs().getAsDouble()) : "-");
    return row;
  }

  private static String requested(Cell cell) {
    if (cell.budget().isPresent()) {
      return cell.budget().getAsInt() + " tokens";
    }
    return cell.compressionRatio().isPresent()
        ? String.valueOf(cell.compressionRatio().getAsDouble())
        : "own";
  }

  private static void remarks(StringBuilder text, List<Cell> cells) {
    boolean first = true;
    for (Cell cell : cells) {
      List<String> lines = new ArrayList<>();
      cell.error().ifPresent(error -> lines.add("error: " + name(cell) + ": " + error));
      cell.warnings().forEach(warning -> lines.add("warning: " + name(cell) + ": " + warning));
      for (String line : lines) {
        text.append(first ? "\n" : "").append(line).append('\n');
        first = false;
      }
    }
  }

  private static String name(Cell cell) {
    String requested = requested(cell);
    return requested.equals("own") ? cell.method() : cell.method() + " at " + requested;
  }

  private static String signed(OptionalDouble value) {
    return String.format(Locale.ROOT, "%+.4f", value.getAsDouble());
  }

  private static String fixed(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** Bytes in the largest unit that leaves at least one. */
  static String bytes(double bytes) {
    int unit = 0;
    double scaled = bytes;
    while (scaled >= 1024 && unit < UNITS.length - 1) {
      scaled /= 1024;
      unit++;
    }
    return fixed(unit == 0 ? 0 : 1, scaled) + " " + UNITS[unit];
  }
}
