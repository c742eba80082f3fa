package dev.kvpress.compare.report;

import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.CellOutcome;
import java.util.List;

/**
 * Everything that is written down of a run.
 *
 * @param cells what came out
 * @param rows the same as rows of the result files
 * @param prompts what was asked
 * @param texts the tokens of the samples that have keep maps
 * @param weights what the format of the weights costs the full cache; empty where it costs nothing
 * @param manifest where it comes from
 */
public record RunRecord(
    List<CellOutcome> cells,
    List<CellRow> rows,
    PromptTexts prompts,
    List<TextRow> texts,
    List<WeightCost> weights,
    RunManifest manifest) {
  /** Takes copies. */
  public RunRecord {
    cells = List.copyOf(cells);
    rows = List.copyOf(rows);
    texts = List.copyOf(texts);
    weights = List.copyOf(weights);
  }

  /** Of weights whose format costs nothing. */
  public RunRecord(
      List<CellOutcome> cells,
      List<CellRow> rows,
      PromptTexts prompts,
      List<TextRow> texts,
      RunManifest manifest) {
    this(cells, rows, prompts, texts, List.of(), manifest);
  }

  /** The same with what the format of the weights costs. */
  public RunRecord with(List<WeightCost> costs) {
    return new RunRecord(cells, rows, prompts, texts, costs, manifest);
  }
}
