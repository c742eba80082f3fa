package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.metric.Draws;
import dev.kvpress.compare.run.CacheFigures;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.TokenTime;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.compare.task.RecallTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One cell in one task as it stands in results.json and results.csv. Numbers of a cell that ended
 * as an error are null, and so is whatever does not apply.
 *
 * @param method as typed
 * @param spec with the defaults of the command line
 * @param task what was measured
 * @param data name of the data
 * @param compressionRatio requested fraction removed; null where the press has its own rule or the
 *     budget is in tokens
 * @param budget requested tokens kept, where the budget is given so
 * @param kvBits bits of a number of the cache; null where it is in full
 * @param achievedRatio fraction really removed, mean over samples
 * @param nll nats per token over all predicted tokens
 * @param nllCompressed nats per token over those behind the context that the compressed cache
 *     predicted
 * @param perplexity {@code exp(nllCompressed)}
 * @param deltaNll nllCompressed minus the baseline's: the logarithm of the ratio of perplexities
 * @param recallAccuracy share of right answers; null for other tasks
 * @param recallCount answers it was taken over; null for other tasks
 * @param kvBytesLogical bytes of kept keys and values, mean over samples
 * @param kvBytesPhysical the same with padding and spare room
 * @param prefillMs the prefill, mean over samples; in the prefill protocol shared by all cells of a
 *     sample, but for task latency, where it is the method's own
 * @param pressMs the press alone, mean over samples
 * @param secondPassMs the passes in which a press let the model read the context again, mean over
 *     samples; null for presses that read nothing again
 * @param secondPassTokens tokens that passed in these, mean over samples
 * @param tpotMs time per output token; see {@link TokenTime}
 * @param tpotSpreadMs how far times of the same work lie around it; null where that is not known
 * @param tpotSteps steps that were timed; null where none was
 * @param tpotLeftOut why the time says nothing and stands in no table; null if it does
 * @param samples samples that went through
 * @param tokens predicted or generated tokens
 * @param metrics all metrics of the task, by name
 * @param series figures by generated token, mean over samples, by name
 * @param error why there are no numbers; null if there are
 * @param warnings what to know about the numbers
 */
@JsonPropertyOrder({
  "method",
  "spec",
  "task",
  "data",
  "compression_ratio",
  "budget",
  "kv_bits",
  "achieved_ratio",
  "nll",
  "nll_compressed",
  "perplexity",
  "delta_nll",
  "recall_accuracy",
  "recall_count",
  "kv_bytes_logical",
  "kv_bytes_physical",
  "prefill_ms",
  "press_ms",
  "second_pass_ms",
  "second_pass_tokens",
  "tpot_ms",
  "tpot_spread_ms",
  "tpot_steps",
  "tpot_left_out",
  "samples",
  "tokens",
  "metrics",
  "series",
  "error",
  "warnings"
})
public record CellRow(
    String method,
    String spec,
    String task,
    String data,
    @JsonProperty("compression_ratio") @Nullable Double compressionRatio,
    @Nullable Integer budget,
    @JsonProperty("kv_bits") @Nullable Integer kvBits,
    @JsonProperty("achieved_ratio") @Nullable Double achievedRatio,
    @Nullable Double nll,
    @JsonProperty("nll_compressed") @Nullable Double nllCompressed,
    @Nullable Double perplexity,
    @JsonProperty("delta_nll") @Nullable Double deltaNll,
    @JsonProperty("recall_accuracy") @Nullable Double recallAccuracy,
    @JsonProperty("recall_count") @Nullable Integer recallCount,
    @JsonProperty("kv_bytes_logical") @Nullable Long kvBytesLogical,
    @JsonProperty("kv_bytes_physical") @Nullable Long kvBytesPhysical,
    @JsonProperty("prefill_ms") @Nullable Double prefillMs,
    @JsonProperty("press_ms") @Nullable Double pressMs,
    @JsonProperty("second_pass_ms") @Nullable Double secondPassMs,
    @JsonProperty("second_pass_tokens") @Nullable Double secondPassTokens,
    @JsonProperty("tpot_ms") @Nullable Double tpotMs,
    @JsonProperty("tpot_spread_ms") @Nullable Double tpotSpreadMs,
    @JsonProperty("tpot_steps") @Nullable Integer tpotSteps,
    @JsonProperty("tpot_left_out") @Nullable String tpotLeftOut,
    int samples,
    long tokens,
    Map<String, MetricRow> metrics,
    Map<String, List<Double>> series,
    @Nullable String error,
    List<String> warnings) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Takes copies. */
  public CellRow {
    metrics = ImmutableMap.copyOf(metrics);
    series = ImmutableMap.copyOf(series);
    warnings = List.copyOf(warnings);
  }

  /**
   * The row of a cell but for the time of a step, which can be told only when all cells are known.
   *
   * @param base the baseline in the same task
   * @param draws for the intervals
   */
  static CellRow of(CellOutcome cell, Optional<CellOutcome> base, Draws draws) {
    Optional<CellOutcome> good = Optional.of(cell).filter(c -> c.error().isEmpty());
    Optional<CellOutcome> again = good.filter(c -> c.cell().readsAgain());
    Double nll = figure(good, PerplexityTask.NLL);
    Double nllCompressed = figure(good, PerplexityTask.NLL_COMPRESSED);
    Double baseNll = figure(base, PerplexityTask.NLL_COMPRESSED);
    List<String> warnings = new ArrayList<>(cell.warnings());
    Map<String, MetricRow> metrics =
        good.map(c -> CellMetrics.of(c, base, draws, warnings::add)).orElse(Map.of());
    Double recall = figure(good, RecallTask.RECALL_ACCURACY);
    return new CellRow(
        cell.cell().method(),
        cell.cell().spec(),
        cell.task().task(),
        cell.task().data(),
        cell.cell().compressionRatio(),
        cell.cell().budgetTokens(),
        cell.cell().kvBits(),
        mean(good, CacheFigures::achievedRatio, 1),
        nll,
        nllCompressed,
        nllCompressed == null ? null : Double.valueOf(Math.exp(nllCompressed)),
        nllCompressed == null || baseNll == null ? null : Double.valueOf(nllCompressed - baseNll),
        recall,
        recall == null ? null : Integer.valueOf(cell.count(RecallTask.RECALL_ACCURACY)),
        round(mean(good, CacheFigures::logicalBytes, 1)),
        round(mean(good, CacheFigures::physicalBytes, 1)),
        mean(good, CacheFigures::prefillNanos, NANOS_PER_MILLI),
        mean(good, CacheFigures::pressNanos, NANOS_PER_MILLI),
        mean(again, cache -> cache.secondPass().nanos(), NANOS_PER_MILLI),
        mean(again, cache -> cache.secondPass().tokens(), 1),
        null,
        null,
        null,
        null,
        good.map(c -> c.samples().size()).orElse(0),
        good.map(CellOutcome::tokens).orElse(0L),
        metrics,
        good.map(CellMetrics::series).orElse(Map.of()),
        cell.error().orElse(null),
        warnings);
  }

  /** The same with the time of a step. */
  CellRow with(TokenTime time) {
    return new CellRow(
        method,
        spec,
        task,
        data,
        compressionRatio,
        budget,
        kvBits,
        achievedRatio,
        nll,
        nllCompressed,
        perplexity,
        deltaNll,
        recallAccuracy,
        recallCount,
        kvBytesLogical,
        kvBytesPhysical,
        prefillMs,
        pressMs,
        secondPassMs,
        secondPassTokens,
        time.nanos() / NANOS_PER_MILLI,
        Double.isFinite(time.spread()) ? Double.valueOf(time.spread() / NANOS_PER_MILLI) : null,
        time.steps(),
        time.leftOut().orElse(null),
        samples,
        tokens,
        metrics,
        series,
        error,
        warnings);
  }

  private static @Nullable Double figure(Optional<CellOutcome> cell, String name) {
    return cell.map(c -> orNull(c.mean(name))).orElse(null);
  }

  private static @Nullable Double mean(
      Optional<CellOutcome> cell, ToDoubleFunction<CacheFigures> figure, double unit) {
    return cell.map(c -> orNull(c.cacheMean(figure)))
        .map(value -> Double.valueOf(value / unit))
        .orElse(null);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? Double.valueOf(value.getAsDouble()) : null;
  }

  private static @Nullable Long round(@Nullable Double value) {
    return value == null ? null : Long.valueOf(Math.round(value));
  }
}
