package dev.kvpress.compare.report.folder;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * What the format of the weights costs the full cache, as it stands in results.json: no press has a
 * part in it.
 *
 * @param task what was measured
 * @param data name of the data
 * @param spec the full cache as a method, whose cell it belongs to
 * @param weights format that all cells of the run have
 * @param perplexity of the full cache in that format; null where it could not be taken
 * @param reference format that it is held against
 * @param referencePerplexity of the full cache in that one, over the same data
 * @param deltaNll nats per token by which the run's format is worse
 * @param low lower end of the 95 % interval of the difference
 * @param high upper end of it
 * @param samples that both have
 * @param missing why there is nothing to hold it against; null if there is
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record WeightCost(
    String task,
    String data,
    String spec,
    String weights,
    @Nullable Double perplexity,
    String reference,
    @Nullable Double referencePerplexity,
    @Nullable Double deltaNll,
    @Nullable Double low,
    @Nullable Double high,
    int samples,
    @Nullable String missing) {
  /** Checks what must be there. */
  public WeightCost {
    perplexity = Binding.real(perplexity);
    referencePerplexity = Binding.real(referencePerplexity);
    deltaNll = Binding.real(deltaNll);
    low = Binding.real(low);
    high = Binding.real(high);
    requireNonNull(task, "task");
    requireNonNull(data, "data");
    requireNonNull(spec, "spec");
    requireNonNull(weights, "weights");
    requireNonNull(reference, "reference");
  }
}
