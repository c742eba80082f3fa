package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What one cell gave.
 *
 * @param plan the cell
 * @param samples one entry for each sample that went through, in file order
 * @param error why there is no result; empty if there is one
 * @param warnings what the user should know about the result
 */
public record CellOutcome(
    CellPlan plan,
    List<SampleOutcome> samples,
    Optional<String> error,
    Collection<String> warnings) {
  /** Takes copies. */
  public CellOutcome {
    samples = ImmutableList.copyOf(samples);
    warnings = ImmutableSet.copyOf(warnings);
  }

  CellOutcome failed(String reason) {
    return new CellOutcome(plan, samples, Optional.of(reason), warnings);
  }

  CellOutcome warned(String warning) {
    return new CellOutcome(
        plan, samples, error, ImmutableSet.<String>builder().addAll(warnings).add(warning).build());
  }

  /** Predicted tokens over all samples. */
  public long tokens() {
    return samples.stream().mapToLong(SampleOutcome::tokens).sum();
  }

  /** Mean negative log-likelihood per token in nats, over all tokens. */
  public OptionalDouble nll() {
    return ratio(samples.stream().mapToDouble(SampleOutcome::nllSum).sum(), tokens());
  }

  /** Mean over the tokens predicted from the compressed cache. */
  public OptionalDouble nllCompressed() {
    return ratio(
        samples.stream().mapToDouble(SampleOutcome::compressedNllSum).sum(),
        samples.stream().mapToLong(SampleOutcome::compressedTokens).sum());
  }

  /** {@code exp} of {@link #nllCompressed}. */
  public OptionalDouble perplexity() {
    OptionalDouble nll = nllCompressed();
    return nll.isPresent() ? OptionalDouble.of(Math.exp(nll.getAsDouble())) : nll;
  }

  /** Mean of a figure over the samples; NaN figures are left out. */
  public OptionalDouble mean(ToDoubleFunction<SampleOutcome> figure) {
    return samples.stream().mapToDouble(figure).filter(x -> !Double.isNaN(x)).average();
  }

  private static OptionalDouble ratio(double sum, long count) {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
  }
}
