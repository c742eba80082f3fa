package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.SampleOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sample in one cell as it stands in samples.jsonl.
 *
 * @param method as typed
 * @param task what was measured
 * @param compressionRatio requested fraction removed, or null
 * @param budget requested tokens kept, or null
 * @param sample index from 0 in file order
 * @param nll nats per predicted token
 * @param nllCompressed nats per token predicted from the compressed cache; null if there is none
 * @param tokens predicted tokens
 * @param achievedRatio fraction really removed
 */
public record SampleRow(
    String method,
    String task,
    @JsonProperty("compression_ratio") @Nullable Double compressionRatio,
    @Nullable Integer budget,
    int sample,
    double nll,
    @JsonProperty("nll_compressed") @Nullable Double nllCompressed,
    int tokens,
    @JsonProperty("achieved_ratio") double achievedRatio) {

  /** The rows of all cells that have a result, cell by cell. */
  static List<SampleRow> of(String task, List<CellOutcome> cells) {
    List<SampleRow> rows = new ArrayList<>();
    for (CellOutcome cell : cells) {
      if (cell.error().isEmpty()) {
        cell.samples().forEach(sample -> rows.add(of(task, cell.plan(), sample)));
      }
    }
    return rows;
  }

  private static SampleRow of(String task, CellPlan plan, SampleOutcome sample) {
    return new SampleRow(
        plan.method(),
        task,
        plan.compressionRatio().isPresent() ? plan.compressionRatio().getAsDouble() : null,
        plan.budgetTokens().isPresent() ? plan.budgetTokens().getAsInt() : null,
        sample.sample(),
        sample.nllSum() / sample.tokens(),
        sample.compressedTokens() == 0
            ? null
            : Double.valueOf(sample.compressedNllSum() / sample.compressedTokens()),
        sample.tokens(),
        sample.achievedRatio());
  }
}
