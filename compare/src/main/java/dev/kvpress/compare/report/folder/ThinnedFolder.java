package dev.kvpress.compare.report.folder;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Sets;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A folder of which pictures show what can be told apart: of tasks with more cells than that, the
 * methods with the best mean, and of each of them a part of its cells. The page draws by the same
 * rule.
 */
public final class ThinnedFolder {
  private static final int MOST_METHODS = 40;
  private static final int MOST_CELLS = 600;

  private ThinnedFolder() {}

  /** The folder itself where all of it can be drawn. */
  public static ResultFolder of(ResultFolder folder) {
    List<Cell> cells = new ArrayList<>();
    for (Topic topic : folder.topics()) {
      List<Cell> all = folder.cells(topic);
      cells.addAll(kept(all, folder.primary(topic), folder));
    }
    return cells.size() == folder.cells().size() ? folder : with(folder, cells);
  }

  /** What is to be said of a task of which a part is drawn; empty where all is. */
  public static Optional<String> words(ResultFolder whole, ResultFolder thinned, Topic topic) {
    List<Cell> all = whole.cells(topic);
    List<Cell> kept = thinned.cells(topic);
    return kept.size() == all.size()
        ? Optional.empty()
        : Optional.of(
            "%,d of %,d cells are drawn, of the %d methods with the best mean"
                .formatted(
                    kept.size(), all.size(), kept.stream().map(Cell::method).distinct().count()));
  }

  private static List<Cell> kept(List<Cell> all, Optional<String> metric, ResultFolder folder) {
    long methods = all.stream().map(Cell::method).distinct().count();
    if ((all.size() <= MOST_CELLS && methods <= MOST_METHODS) || metric.isEmpty()) {
      return all.size() <= MOST_CELLS ? all : all.subList(0, MOST_CELLS);
    }
    String name = metric.get();
    Map<String, List<Cell>> byMethod =
        all.stream()
            .filter(cell -> !cell.isBaseline() && cell.value(name).isPresent())
            .collect(groupingBy(Cell::method, LinkedHashMap::new, toList()));
    Comparator<List<Cell>> byMean =
        Comparator.comparing(
            own -> own.stream().collect(averagingDouble(c -> c.value(name).orElseThrow())));
    List<List<Cell>> best =
        byMethod.values().stream()
            .sorted(folder.info(name).higherIsBetter() ? byMean.reversed() : byMean)
            .limit(MOST_METHODS)
            .toList();
    int each = Math.max(2, MOST_CELLS / Math.max(1, best.size()));
    Set<Cell> kept = Sets.newIdentityHashSet();
    for (List<Cell> own : best) {
      int step = Math.max(1, (own.size() + each - 1) / each);
      for (int i = 0; i < own.size(); i += step) {
        kept.add(own.get(i));
      }
    }
    return all.stream().filter(cell -> cell.isBaseline() || kept.contains(cell)).toList();
  }

  private static ResultFolder with(ResultFolder folder, List<Cell> cells) {
    return new ResultFolder(
        folder.path(),
        ImmutableList.copyOf(cells),
        folder.metrics(),
        folder.weights(),
        folder.samples(),
        folder.keepMaps(),
        folder.texts(),
        folder.attention(),
        folder.needles(),
        folder.provenance(),
        folder.notices());
  }
}
