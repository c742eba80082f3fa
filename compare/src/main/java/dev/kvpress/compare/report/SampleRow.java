package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One sample in one cell as it stands in samples.jsonl.
 *
 * @param method as typed
 * @param task what was measured
 * @param data name of the data
 * @param compressionRatio requested fraction removed, or null
 * @param budget requested tokens kept, or null
 * @param sample index from 0 in file order
 * @param nll nats per predicted token; null in tasks that measure none
 * @param nllCompressed nats per token predicted from the compressed cache; null if there is none
 * @param tokens predicted or generated tokens
 * @param achievedRatio fraction really removed
 * @param figures all figures of the task, by name
 * @param context text of the context; null unless asked for
 * @param question text that is passed behind the context to ask; null where nothing is asked
 * @param answer generated text, or null
 * @param expected right answers, or null
 * @param depth percent of the context before the answer; absent where it is not known
 * @param contextTokens tokens of the context; absent where the depth is not known
 */
public record SampleRow(
    String method,
    String task,
    String data,
    @JsonProperty("compression_ratio") @Nullable Double compressionRatio,
    @Nullable Integer budget,
    int sample,
    @Nullable Double nll,
    @JsonProperty("nll_compressed") @Nullable Double nllCompressed,
    int tokens,
    @JsonProperty("achieved_ratio") double achievedRatio,
    Map<String, Double> figures,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String context,
    @Nullable String question,
    @Nullable String answer,
    @Nullable List<String> expected,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double depth,
    @JsonProperty("context_tokens") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Integer contextTokens) {
  /** Takes copies. */
  public SampleRow {
    figures = ImmutableMap.copyOf(figures);
    expected = expected == null ? null : List.copyOf(expected);
  }

  /**
   * The row of a sample.
   *
   * @param planned the sample
   * @param texts what was asked
   */
  static SampleRow of(
      CellOutcome cell, SampleOutcome sample, PlannedSample planned, PlannedSample.Texts texts) {
    Map<String, Double> figures = new TreeMap<>();
    sample
        .answer()
        .figures()
        .forEach(
            (name, figure) -> {
              if (figure.weight() > 0) {
                figures.put(name, figure.sum() / figure.weight());
              }
            });
    List<String> expected = sample.answer().expected();
    return new SampleRow(
        cell.cell().method(),
        cell.task().task(),
        cell.task().data(),
        cell.cell().compressionRatio(),
        cell.cell().budgetTokens(),
        sample.sample(),
        figures.get(PerplexityTask.NLL),
        figures.get(PerplexityTask.NLL_COMPRESSED),
        sample.answer().tokens(),
        sample.cache().achievedRatio(),
        figures,
        texts.context(),
        texts.question(),
        sample.answer().text().orElse(null),
        expected.isEmpty() ? null : expected,
        planned.depth(),
        planned.depth() == null ? null : Integer.valueOf(planned.contextTokens()));
  }
}
