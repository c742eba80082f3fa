package dev.kvpress.compare.report.folder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of samples.jsonl: one sample in one cell.
 *
 * @param method as typed
 * @param task what was asked
 * @param data name of the data, empty in older files
 * @param compressionRatio requested fraction removed
 * @param budget requested tokens kept
 * @param sample index from 0 in file order
 * @param achievedRatio fraction really removed
 * @param nll nats per predicted token
 * @param nllCompressed nats per token predicted from the compressed cache
 * @param tokens predicted tokens
 * @param figures by metric name; values may be null
 * @param answer what the model said
 * @param expected what it should have said, any of these
 * @param depth percent of the context before the answer, where known
 * @param contextTokens tokens of the context, where the depth is known
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SampleEntry(
    String method,
    String task,
    String data,
    @Nullable Double compressionRatio,
    @Nullable Integer budget,
    int sample,
    @Nullable Double achievedRatio,
    @Nullable Double nll,
    @Nullable Double nllCompressed,
    int tokens,
    Map<String, @Nullable Double> figures,
    @Nullable String answer,
    List<String> expected,
    @Nullable Double depth,
    @Nullable Integer contextTokens) {

  /** Fills in what older files leave out. */
  public SampleEntry {
    if (method == null || task == null) {
      throw new IllegalArgumentException("a sample needs the fields method and task");
    }
    data = data == null ? "" : data;
    compressionRatio = Binding.real(compressionRatio);
    achievedRatio = Binding.real(achievedRatio);
    nll = Binding.real(nll);
    nllCompressed = Binding.real(nllCompressed);
    depth = Binding.real(depth);
    figures =
        figures == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    expected = expected == null ? List.of() : List.copyOf(expected);
  }
}
