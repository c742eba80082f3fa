package dev.kvpress.compare.report.html;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Sets;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.verdict.Choice;
import dev.kvpress.compare.report.verdict.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The cells that stand on the page: all of them, but of a run with very many of each task the full
 * cache, the best of each budget, and then the first ones.
 *
 * @param cells in the order of the run
 * @param notice what is left out
 */
record PageCells(ImmutableList<Cell> cells, Optional<String> notice) {
  /** A row takes about a kilobyte of the page. */
  private static final int MOST = 20_000;

  static PageCells of(ResultFolder folder, Verdict verdict) {
    return of(folder, verdict, MOST);
  }

  static PageCells of(ResultFolder folder, Verdict verdict, int most) {
    int all = folder.cells().size();
    if (all <= most) {
      return new PageCells(folder.cells(), Optional.empty());
    }
    int each = most / folder.topics().size();
    Set<Cell> kept = Sets.newIdentityHashSet();
    Map<Topic, Integer> taken = new HashMap<>();
    for (Choice choice : verdict.choices()) {
      take(choice.best(), each, kept, taken);
    }
    folder.cells().stream().filter(Cell::isBaseline).forEach(kept::add);
    folder.cells().forEach(cell -> take(cell, each, kept, taken));
    ImmutableList<Cell> cells =
        folder.cells().stream().filter(kept::contains).collect(ImmutableList.toImmutableList());
    return new PageCells(
        cells,
        Optional.of(
            "%,d of %,d rows are shown, the full cache and the best of each budget among them; all stand in results.json and results.csv"
                .formatted(cells.size(), all)));
  }

  private static void take(Cell cell, int each, Set<Cell> kept, Map<Topic, Integer> taken) {
    Topic topic = new Topic(cell.task(), cell.data());
    if (taken.getOrDefault(topic, 0) < each && kept.add(cell)) {
      taken.merge(topic, 1, Integer::sum);
    }
  }
}
