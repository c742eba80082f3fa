package dev.kvpress.compare.gpu;

import dev.kvpress.compare.report.diff.CellDiff;
import dev.kvpress.compare.report.diff.FigureDiff;
import dev.kvpress.compare.report.diff.RunDiff;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two runs of {@code compare} with the same options, on the processor and on another provider.
 *
 * @param cells cells that both have
 * @param figures figures compared: all but times
 * @param deviations figures that differ by more than they may, and cells that one run lacks
 */
record CellParity(int cells, int figures, List<String> deviations) {
  CellParity {
    deviations = List.copyOf(deviations);
  }

  /**
   * Compares two output folders.
   *
   * @param tolerance how far a figure may be off, relative: |a − b| / (1 + |a|)
   */
  static CellParity of(Path processor, Path checked, double tolerance) {
    RunDiff diff =
        RunDiff.of(
            ResultFolder.read(processor, Limits.PAGE), ResultFolder.read(checked, Limits.PAGE));
    List<String> deviations = new ArrayList<>();
    int figures = 0;
    for (CellDiff cell : diff.cells()) {
      String name = "%s, %s, %s".formatted(cell.method(), cell.requested(), cell.task());
      if (cell.firstError() != null || cell.secondError() != null) {
        deviations.add(
            "%s: failed (processor: %s, checked: %s)"
                .formatted(name, cell.firstError(), cell.secondError()));
      }
      for (FigureDiff figure : cell.figures()) {
        if (isTime(figure)) {
          continue;
        }
        figures++;
        if (!isClose(figure, tolerance)) {
          deviations.add(
              "%s: %s is %s on the processor, %s on the other"
                  .formatted(name, figure.name(), figure.first(), figure.second()));
        }
      }
    }
    diff.onlyFirst().forEach(cell -> deviations.add("only on the processor: " + cell));
    diff.onlySecond().forEach(cell -> deviations.add("only on the other: " + cell));
    return new CellParity(diff.cells().size(), figures, deviations);
  }

  private static boolean isTime(FigureDiff figure) {
    return figure.name().endsWith("_ms");
  }

  private static boolean isClose(FigureDiff figure, double tolerance) {
    Double a = figure.first();
    Double b = figure.second();
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return Math.abs(a - b) <= tolerance * (1 + Math.abs(a));
  }

  /** Whether there were cells and all of them agree. */
  boolean agrees() {
    return figures > 0 && deviations.isEmpty();
  }
}
