package dev.kvpress.runtime.langchain4j;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.Limits;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.generate.StopRules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all models for LangChain4j are made of. Only the generator must be given; without more, a
 * model answers greedily, with at most {@value GenerationRequest#DEFAULT_MAX_TOKENS} tokens, on the
 * full cache.
 *
 * @param <B> the builder itself
 */
public abstract class KvpressModelBuilder<B extends KvpressModelBuilder<B>> {
  private @Nullable Generator generator;
  private @Nullable String modelName;
  private Compression compression = Compression.NONE;
  private Positions positions = Positions.TRUE;
  private Optional<SharedContext> context = Optional.empty();
  private SamplingOptions sampling = SamplingOptions.GREEDY;
  private List<String> stops = List.of();
  private int maxTokens = GenerationRequest.DEFAULT_MAX_TOKENS;
  private Optional<Duration> timeout = Optional.empty();

  KvpressModelBuilder() {}

  abstract B self();

  /** What generates; stays the caller's to close. */
  public B generator(Generator value) {
    generator = requireNonNull(value, "generator is null");
    return self();
  }

  /** How the model is called; otherwise as its file or folder. */
  public B modelName(String value) {
    modelName = requireNonNull(value, "modelName is null");
    return self();
  }

  /** What cuts the cache of each prompt, and how much may stay. */
  public B press(ModelPress press, Budget budget) {
    compression = new Compression(press, budget);
    return self();
  }

  /**
   * The same by the spec of a press, as {@code "h2o"}, and the fraction that is removed.
   *
   * @throws dev.kvpress.presses.spec.PressSpecException naming what there is, if there is no such
   *     press
   */
  public B press(String spec, double compressionRatio) {
    return press(PressCatalog.load().make(spec).press(), Budget.ratio(compressionRatio));
  }

  /** Where tokens stand; {@link Positions#TRUE} if nothing is said. */
  public B positions(Positions value) {
    positions = requireNonNull(value, "positions is null");
    return self();
  }

  /**
   * A context that was read and compressed before: every prompt stands behind it. It stays the
   * caller's to close. A press is then the context's own, and none is given here.
   */
  public B context(SharedContext value) {
    context = Optional.of(value);
    return self();
  }

  /** All of how tokens are chosen, in one. */
  public B sampling(SamplingOptions value) {
    sampling = requireNonNull(value, "sampling is null");
    return self();
  }

  /** What logits are divided by; 0 takes the likeliest token always. */
  public B temperature(double value) {
    return sampling(sampling.withTemperature(value));
  }

  /** How many of the largest logits stay, 0 for all. */
  public B topK(int value) {
    return sampling(sampling.withTopK(value));
  }

  /** The fewest tokens that are so likely together stay; 1 for all. */
  public B topP(double value) {
    return sampling(sampling.withTopP(value));
  }

  /** Tokens less likely than this times the likeliest go; 0 for none. */
  public B minP(double value) {
    return sampling(sampling.withMinP(value));
  }

  /** Makes what was there before less likely; 1 for nothing. */
  public B repetitionPenalty(double value) {
    return sampling(sampling.withRepetitionPenalty(value));
  }

  /** Taken off the logits of tokens that were chosen before. */
  public B presencePenalty(double value) {
    return sampling(sampling.withPresencePenalty(value));
  }

  /** The same for each time that a token was chosen. */
  public B frequencyPenalty(double value) {
    return sampling(sampling.withFrequencyPenalty(value));
  }

  /** Added to the logits of tokens by id. */
  public B logitBias(Map<Integer, Double> value) {
    return sampling(sampling.withLogitBias(value));
  }

  /** With which the same request gives the same text. */
  public B seed(long value) {
    return sampling(sampling.withSeed(value));
  }

  /** New tokens at most. */
  public B maxTokens(int value) {
    checkArgument(value >= 1, "maxTokens must be at least 1, found %s", value);
    maxTokens = value;
    return self();
  }

  /** The text ends before the first of these. */
  public B stop(List<String> strings) {
    stops = ImmutableList.copyOf(strings);
    return self();
  }

  /** The text ends before the first of these. */
  public B stop(String... strings) {
    return stop(List.of(strings));
  }

  /** When a text ends at the latest, waiting included; what there is then is the answer. */
  public B timeout(Duration value) {
    timeout = Optional.of(value);
    return self();
  }

  /** What was said, checked. */
  ModelSettings settings() {
    Generator source = requireNonNull(generator, "generator is null; give .generator(…)");
    return new ModelSettings(
        source,
        modelName == null ? source.model().info().name() : modelName,
        compression,
        positions,
        context,
        sampling,
        new StopRules(stops, Set.of(), false),
        new Limits(maxTokens, timeout));
  }
}
