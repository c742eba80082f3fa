package dev.kvpress.compare.report.diff;

import com.google.common.base.Strings;
import dev.kvpress.compare.report.TextTable;
import dev.kvpress.compare.report.folder.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A diff as a table in plain text, which is valid Markdown too. */
public final class DiffTable {
  private static final List<String> HEADER =
      List.of("task", "data", "method", "asked", "figure", "A", "B", "B - A", "");
  private static final int TEXT_COLUMNS = 5;
  private static final String NONE = "-";

  private DiffTable() {}

  /** The table, then what only one run has, and warnings. */
  public static String of(RunDiff diff) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    for (CellDiff cell : diff.cells()) {
      for (FigureDiff figure : cell.figures()) {
        lines.add(
            List.of(
                cell.task(),
                cell.data(),
                cell.method(),
                cell.requested(),
                figure.name(),
                number(figure, figure.first()),
                number(figure, figure.second()),
                difference(figure),
                figure.verdict()));
      }
    }
    StringBuilder text = new StringBuilder();
    if (lines.size() > 1) {
      append(text, lines);
    } else {
      text.append("The runs have no cell in common.\n");
    }
    for (CellDiff cell : diff.cells()) {
      error(text, "A", cell, cell.firstError());
      error(text, "B", cell, cell.secondError());
    }
    diff.onlyFirst().forEach(cell -> text.append("only in A: ").append(cell).append('\n'));
    diff.onlySecond().forEach(cell -> text.append("only in B: ").append(cell).append('\n'));
    diff.warnings().forEach(line -> text.append("warning: ").append(line).append('\n'));
    return text.toString();
  }

  private static void error(StringBuilder text, String run, CellDiff cell, @Nullable String error) {
    if (error != null) {
      text.append("error in ").append(run).append(": ").append(cell.method());
      text.append(" (").append(cell.requested()).append("): ").append(error).append('\n');
    }
  }

  private static String number(FigureDiff figure, @Nullable Double value) {
    if (value == null) {
      return NONE;
    }
    return figure.isBytes() ? Words.bytes(value) : Words.number(value);
  }

  private static String difference(FigureDiff figure) {
    Double difference = figure.difference();
    if (difference == null) {
      return NONE;
    }
    return difference == 0
        ? "0"
        : (difference < 0 ? "−" : "+") + number(figure, Math.abs(difference));
  }

  private static void append(StringBuilder text, List<List<String>> lines) {
    for (int i = 0; i < lines.size(); i++) {
      text.append('|');
      for (int c = 0; c < HEADER.size(); c++) {
        text.append(' ').append(padded(lines, i, c)).append(" |");
      }
      text.append('\n');
      if (i == 0) {
        text.append('|');
        for (int c = 0; c < HEADER.size(); c++) {
          String rule = "-".repeat(width(lines, c) + 1);
          text.append(isText(c) ? ":" + rule : rule + ":").append('|');
        }
        text.append('\n');
      }
    }
  }

  private static boolean isText(int column) {
    return column < TEXT_COLUMNS || column == HEADER.size() - 1;
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
  }

  private static String padded(List<List<String>> lines, int line, int column) {
    String content = TextTable.oneLine(lines.get(line).get(column));
    int width = width(lines, column);
    return isText(column)
        ? Strings.padEnd(content, width, ' ')
        : Strings.padStart(content, width, ' ');
  }
}
