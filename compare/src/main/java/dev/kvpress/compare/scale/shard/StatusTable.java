package dev.kvpress.compare.scale.shard;

import dev.kvpress.compare.report.TextTable;
import dev.kvpress.compare.scale.shard.RunStatus.Cell;
import dev.kvpress.compare.scale.shard.RunStatus.Folder;
import dev.kvpress.compare.scale.shard.RunStatus.Work;
import java.util.ArrayList;
import java.util.List;

/** A status for people: folders first, then the cells of which something is missing or failed. */
public final class StatusTable {
  /** More lines say less. */
  private static final int MOST_CELLS = 40;

  private StatusTable() {}

  /** The tables, and what is to be said below them. */
  public static String of(RunStatus status) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("folder", "shard", "contexts", "done", "missing", "failed"));
    status.folders().forEach(folder -> lines.add(line(folder)));
    int there = status.contexts() - status.absentContexts();
    lines.add(
        line(
            "together",
            "",
            there == status.contexts() ? number(there) : there + " of " + status.contexts(),
            status.together()));
    StringBuilder text = new StringBuilder(TextTable.of(lines));
    if (!status.absentShards().isEmpty()) {
      text.append("\nshards that are not there: ")
          .append(String.join(", ", status.absentShards()))
          .append('\n');
    }
    List<Cell> open =
        status.cells().stream()
            .filter(cell -> cell.work().missing() > 0 || cell.work().failed() > 0)
            .toList();
    if (!open.isEmpty()) {
      text.append('\n').append(cells(open));
    }
    return text.toString();
  }

  private static String cells(List<Cell> open) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("cell", "task", "done", "missing", "failed"));
    StringBuilder errors = new StringBuilder();
    for (Cell cell : open.subList(0, Math.min(MOST_CELLS, open.size()))) {
      String task = cell.task() + " on " + cell.data();
      lines.add(
          List.of(
              cell.cell(),
              task,
              number(cell.work().done()),
              number(cell.work().missing()),
              number(cell.work().failed())));
      if (cell.error() != null) {
        errors.append("\nerror: %s (%s): %s".formatted(cell.cell(), task, cell.error()));
      }
    }
    String more =
        open.size() > MOST_CELLS
            ? "\n%,d more cells are not complete; --format json has all of them"
                .formatted(open.size() - MOST_CELLS)
            : "";
    String below = errors + more;
    return TextTable.of(lines) + (below.isEmpty() ? "" : below + "\n");
  }

  private static List<String> line(Folder folder) {
    return folder.begun()
        ? line(
            folder.folder(),
            folder.shard() == null ? "merged" : folder.shard(),
            number(folder.contexts()),
            folder.work())
        : List.of(folder.folder(), "-", "not begun", "-", "-", "-");
  }

  private static List<String> line(String name, String shard, String contexts, Work work) {
    return List.of(
        name, shard, contexts, number(work.done()), number(work.missing()), number(work.failed()));
  }

  private static String number(long value) {
    return "%,d".formatted(value);
  }
}
