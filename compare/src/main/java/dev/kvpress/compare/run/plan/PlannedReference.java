package dev.kvpress.compare.run.plan;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The full cache once more on other weights, over the samples of the task perplexity.
 *
 * @param weights format of the run's own weights
 * @param reference what the other weights are called
 * @param missing why there is nothing to hold the run against; null where there is or will be
 * @param common what its keys have in common; null as long as it has not begun
 */
public record PlannedReference(
    String weights, String reference, @Nullable String missing, @Nullable String common) {
  /** Names must be there. */
  public PlannedReference {
    requireNonNull(weights, "weights");
    requireNonNull(reference, "reference");
  }

  /** Of a run that is still to come. */
  public static PlannedReference pending(String weights, String reference) {
    return new PlannedReference(weights, reference, null, null);
  }

  /** The same without a run. */
  public PlannedReference without(String reason) {
    return new PlannedReference(weights, reference, reason, null);
  }

  /** The same, begun. */
  public PlannedReference begun(String keys) {
    return new PlannedReference(weights, reference, null, keys);
  }
}
