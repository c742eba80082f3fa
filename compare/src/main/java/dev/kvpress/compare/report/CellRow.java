package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One cell as it stands in results.json and results.csv. Numbers of a cell that ended as an error
 * are null, and so is whatever does not apply.
 *
 * @param method as typed
 * @param spec with the defaults of the command line
 * @param task what was measured
 * @param data name of the data
 * @param compressionRatio requested fraction removed; null where the press has its own rule or the
 *     budget is in tokens
 * @param budget requested tokens kept, where the budget is given so
 * @param achievedRatio fraction really removed, mean over samples
 * @param nll nats per token over all predicted tokens
 * @param nllCompressed nats per token over those predicted from the compressed cache
 * @param perplexity {@code exp(nllCompressed)}
 * @param deltaNll nll minus the baseline's
 * @param kvBytesLogical bytes of kept keys and values, mean over samples
 * @param kvBytesPhysical the same with padding and spare room
 * @param prefillMs the shared prefill, mean over samples
 * @param pressMs the press alone, mean over samples
 * @param tpotMs time per output token, mean of the samples' medians
 * @param samples samples that went through
 * @param tokens predicted tokens
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
  "achieved_ratio",
  "nll",
  "nll_compressed",
  "perplexity",
  "delta_nll",
  "kv_bytes_logical",
  "kv_bytes_physical",
  "prefill_ms",
  "press_ms",
  "tpot_ms",
  "samples",
  "tokens",
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
    @JsonProperty("achieved_ratio") @Nullable Double achievedRatio,
    @Nullable Double nll,
    @JsonProperty("nll_compressed") @Nullable Double nllCompressed,
    @Nullable Double perplexity,
    @JsonProperty("delta_nll") @Nullable Double deltaNll,
    @JsonProperty("kv_bytes_logical") @Nullable Long kvBytesLogical,
    @JsonProperty("kv_bytes_physical") @Nullable Long kvBytesPhysical,
    @JsonProperty("prefill_ms") @Nullable Double prefillMs,
    @JsonProperty("press_ms") @Nullable Double pressMs,
    @JsonProperty("tpot_ms") @Nullable Double tpotMs,
    int samples,
    long tokens,
    @Nullable String error,
    List<String> warnings) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Takes a copy. */
  public CellRow {
    warnings = List.copyOf(warnings);
  }

  /** The rows of a run; deltas are taken against its baseline. */
  public static List<CellRow> of(String task, String data, List<CellOutcome> cells) {
    OptionalDouble base =
        cells.stream()
            .filter(c -> c.plan().isBaseline() && c.error().isEmpty())
            .findFirst()
            .map(CellOutcome::nll)
            .orElse(OptionalDouble.empty());
    List<CellRow> rows = new ArrayList<>();
    for (CellOutcome cell : cells) {
      rows.add(of(task, data, cell, base));
    }
    return rows;
  }

  private static CellRow of(String task, String data, CellOutcome cell, OptionalDouble base) {
    Optional<CellOutcome> good = Optional.of(cell).filter(c -> c.error().isEmpty());
    Double nll = good.map(c -> orNull(c.nll())).orElse(null);
    return new CellRow(
        cell.plan().method(),
        cell.plan().spec(),
        task,
        data,
        orNull(cell.plan().compressionRatio()),
        cell.plan().budgetTokens().isPresent() ? cell.plan().budgetTokens().getAsInt() : null,
        mean(good, SampleOutcome::achievedRatio, 1),
        nll,
        good.map(c -> orNull(c.nllCompressed())).orElse(null),
        good.map(c -> orNull(c.perplexity())).orElse(null),
        nll == null || base.isEmpty() ? null : Double.valueOf(nll - base.getAsDouble()),
        round(mean(good, SampleOutcome::logicalBytes, 1)),
        round(mean(good, SampleOutcome::physicalBytes, 1)),
        mean(good, SampleOutcome::prefillNanos, NANOS_PER_MILLI),
        mean(good, SampleOutcome::pressNanos, NANOS_PER_MILLI),
        mean(good, SampleOutcome::tokenNanos, NANOS_PER_MILLI),
        good.map(c -> c.samples().size()).orElse(0),
        good.map(CellOutcome::tokens).orElse(0L),
        cell.error().orElse(null),
        List.copyOf(cell.warnings()));
  }

  private static @Nullable Double mean(
      Optional<CellOutcome> cell, ToDoubleFunction<SampleOutcome> figure, double unit) {
    return cell.map(c -> orNull(c.mean(figure)))
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
