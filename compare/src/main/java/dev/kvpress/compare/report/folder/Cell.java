package dev.kvpress.compare.report.folder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of results.json: a method at a budget in a task over one data file. Fields are null where
 * they do not apply or where the cell ended as an error.
 *
 * @param method as typed
 * @param spec with the defaults of the command line
 * @param task what was asked
 * @param data name of the data
 * @param compressionRatio requested fraction removed; null for a budget in tokens and for methods
 *     with a rule of their own
 * @param budget requested tokens kept
 * @param achievedRatio fraction really removed
 * @param nll nats per token over all predicted tokens
 * @param nllCompressed nats per token over those predicted from the compressed cache
 * @param perplexity {@code exp(nllCompressed)}
 * @param deltaNll nllCompressed minus the baseline's; in older results nll minus the baseline's
 * @param kvBytesLogical bytes of kept keys and values
 * @param kvBytesPhysical the same with padding and spare room
 * @param prefillMs the prefill
 * @param pressMs the press alone
 * @param secondPassMs the passes in which the press let the model read the context again
 * @param tpotMs time per output token
 * @param tpotSpreadMs how far times of the same work lie around it
 * @param tpotLeftOut why the time says nothing; null if it does
 * @param samples samples that went through
 * @param tokens predicted tokens
 * @param error why there are no numbers
 * @param warnings what to know about the numbers
 * @param metrics figures by name
 * @param series curves by name, for instance {@code token_ms}
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Cell(
    String method,
    String spec,
    String task,
    String data,
    @Nullable Double compressionRatio,
    @Nullable Integer budget,
    @Nullable Double achievedRatio,
    @Nullable Double nll,
    @Nullable Double nllCompressed,
    @Nullable Double perplexity,
    @Nullable Double deltaNll,
    @Nullable Long kvBytesLogical,
    @Nullable Long kvBytesPhysical,
    @Nullable Double prefillMs,
    @Nullable Double pressMs,
    @Nullable Double secondPassMs,
    @Nullable Double tpotMs,
    @Nullable Double tpotSpreadMs,
    @Nullable String tpotLeftOut,
    int samples,
    long tokens,
    @Nullable String error,
    List<String> warnings,
    Map<String, MetricValue> metrics,
    Map<String, JsonNode> series) {
  private static final String TOKEN_MS = "token_ms";
  private static final Set<String> BASELINES = Set.of("baseline", "none", "no_press", "full");

  /**
   * Fills in what older files leave out.
   *
   * @throws IllegalArgumentException if the row does not say what it is about
   */
  public Cell {
    method = required("method", method);
    spec = spec == null ? method : spec;
    task = required("task", task);
    data = required("data", data);
    compressionRatio = Binding.real(compressionRatio);
    achievedRatio = Binding.real(achievedRatio);
    nll = Binding.real(nll);
    nllCompressed = Binding.real(nllCompressed);
    perplexity = Binding.real(perplexity);
    deltaNll = Binding.real(deltaNll);
    prefillMs = Binding.real(prefillMs);
    pressMs = Binding.real(pressMs);
    secondPassMs = Binding.real(secondPassMs);
    tpotMs = Binding.real(tpotMs);
    tpotSpreadMs = Binding.real(tpotSpreadMs);
    warnings = warnings == null ? ImmutableList.of() : ImmutableList.copyOf(warnings);
    metrics = metrics == null ? ImmutableMap.of() : ImmutableMap.copyOf(metrics);
    series = series == null ? ImmutableMap.of() : ImmutableMap.copyOf(series);
  }

  private static String required(String field, @Nullable String text) {
    if (text == null || text.isBlank()) {
      throw new IllegalArgumentException("a cell needs the field " + field);
    }
    return text;
  }

  /** The same cell with other figures. */
  Cell withMetrics(Map<String, MetricValue> other) {
    return new Cell(
        method,
        spec,
        task,
        data,
        compressionRatio,
        budget,
        achievedRatio,
        nll,
        nllCompressed,
        perplexity,
        deltaNll,
        kvBytesLogical,
        kvBytesPhysical,
        prefillMs,
        pressMs,
        secondPassMs,
        tpotMs,
        tpotSpreadMs,
        tpotLeftOut,
        samples,
        tokens,
        error,
        warnings,
        other,
        series);
  }

  /** Milliseconds per token, unless they say nothing. */
  public Optional<Double> tellingTpotMs() {
    return tpotLeftOut == null ? Optional.ofNullable(tpotMs) : Optional.empty();
  }

  /** What is to be known of its figures. */
  public List<String> notes() {
    return tpotLeftOut == null
        ? warnings
        : ImmutableList.<String>builder().addAll(warnings).add(tpotLeftOut).build();
  }

  /** Whether this is the full cache, with which the others are compared. */
  public boolean isBaseline() {
    int bracket = spec.indexOf('(');
    return BASELINES.contains(
        (bracket < 0 ? spec : spec.substring(0, bracket)).strip().toLowerCase(Locale.ROOT));
  }

  /** Whether the cell has neither a ratio nor a budget: its method decides how much goes. */
  public boolean hasOwnRule() {
    return compressionRatio == null && budget == null && !isBaseline();
  }

  /** What was asked for, in words: {@code 0.6}, {@code 64 tokens}, {@code own rule}. */
  public String requested() {
    if (isBaseline()) {
      return "all kept";
    }
    if (budget != null) {
      return budget + " tokens";
    }
    if (compressionRatio != null) {
      return Words.plain(compressionRatio);
    }
    return "own rule";
  }

  /** Method and budget, for messages and legends. */
  public String label() {
    return isBaseline() || hasOwnRule() ? method : method + " at " + requested();
  }

  /** A figure, where the cell has it. */
  public Optional<Double> value(String metric) {
    MetricValue figure = metrics.get(metric);
    return error != null || figure == null ? Optional.empty() : finite(figure.value());
  }

  /** Milliseconds of each generated token, in order; empty where nobody took them. */
  public List<Double> tokenMs() {
    return curve(TOKEN_MS);
  }

  /** The values of a curve, in order; empty where the cell has none of that name. */
  public List<Double> curve(String name) {
    JsonNode curve = series.get(name);
    List<Double> values = new ArrayList<>();
    if (curve != null && curve.isArray()) {
      for (JsonNode value : curve) {
        double figure = value.asDouble(Double.NaN);
        values.add(Double.isFinite(figure) ? figure : Double.NaN);
      }
    }
    return values;
  }

  private static Optional<Double> finite(@Nullable Double value) {
    return Optional.ofNullable(value).filter(Double::isFinite);
  }

  /** Whether a line of another file, which names no spec, belongs to this cell. */
  public boolean matches(
      String otherMethod,
      @Nullable Double otherRatio,
      @Nullable Integer otherBudget,
      String otherTask) {
    return method.equals(otherMethod)
        && Objects.equals(compressionRatio, otherRatio)
        && Objects.equals(budget, otherBudget)
        && (otherTask.isEmpty() || task.equals(otherTask));
  }

  /** What makes it the same cell in another run. */
  public Key key() {
    return new Key(spec, compressionRatio, budget, task, data);
  }

  /**
   * What a cell is about.
   *
   * @param spec the method with its parameters
   * @param compressionRatio requested fraction removed
   * @param budget requested tokens kept
   * @param task what was asked
   * @param data name of the data
   */
  public record Key(
      String spec,
      @Nullable Double compressionRatio,
      @Nullable Integer budget,
      String task,
      String data) {}
}
