package dev.kvpress.compare.report;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.plan.CellFacts;
import java.util.List;

/**
 * What results.json says of a run.
 *
 * @param rows task by task, in each the cells in the order of the methods
 * @param cells of the rows
 * @param weights what the format of the weights costs the full cache; empty where it costs nothing
 */
public record RunResults(List<CellRow> rows, List<CellFacts> cells, List<WeightCost> weights) {
  /** Takes copies. */
  public RunResults {
    rows = ImmutableList.copyOf(rows);
    cells = ImmutableList.copyOf(cells);
    weights = ImmutableList.copyOf(weights);
  }

  /** Whether some cells have no result. */
  public boolean hasErrors() {
    return rows.stream().anyMatch(row -> row.error() != null);
  }
}
