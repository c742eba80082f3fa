package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.decode.CachePolicy;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a conversation is led.
 *
 * @param compression what cuts the first turn, and later ones if it evicts while decoding; NONE
 *     beside a policy
 * @param policy when the cache is compressed again; empty for never
 * @param sampling how tokens are chosen; the seed of a turn is this one's and the number of the
 *     turn
 * @param stops what ends an answer
 * @param limits when an answer ends at the latest
 * @param alternatives as in {@link GenerationRequest}
 */
public record ConversationOptions(
    Compression compression,
    Optional<CachePolicy> policy,
    SamplingOptions sampling,
    StopRules stops,
    Limits limits,
    OptionalInt alternatives) {
  /** On the full cache, greedily. */
  public static final ConversationOptions DEFAULT =
      new ConversationOptions(
          Compression.NONE,
          Optional.empty(),
          SamplingOptions.GREEDY,
          StopRules.NONE,
          new Limits(GenerationRequest.DEFAULT_MAX_TOKENS, Optional.empty()),
          OptionalInt.empty());

  /** Checks that all are there and go together. */
  public ConversationOptions {
    requireNonNull(compression, "compression is null");
    requireNonNull(policy, "policy is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stops, "stops is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(alternatives, "alternatives is null");
    checkArgument(
        policy.isEmpty() || compression.isNone(),
        "a policy compresses the cache from the first turn on; leave out the compression beside it (%s)",
        compression.press().getClass().getSimpleName());
  }

  /** The same on a cache that is cut once, behind the first turn, or as the press goes on. */
  public ConversationOptions compressedBy(ModelPress press, Budget budget) {
    return new ConversationOptions(
        new Compression(press, budget), policy, sampling, stops, limits, alternatives);
  }

  /** The same on a cache that is compressed again whenever it has grown beyond a bound. */
  public ConversationOptions boundedBy(CachePolicy other) {
    return new ConversationOptions(
        compression, Optional.of(other), sampling, stops, limits, alternatives);
  }

  /** The same with tokens chosen in another way. */
  public ConversationOptions sampling(SamplingOptions other) {
    return new ConversationOptions(compression, policy, other, stops, limits, alternatives);
  }

  /** The same with another end of answers. */
  public ConversationOptions stoppingAt(StopRules other) {
    return new ConversationOptions(compression, policy, sampling, other, limits, alternatives);
  }

  /** The same with other limits of answers. */
  public ConversationOptions within(Limits other) {
    return new ConversationOptions(compression, policy, sampling, stops, other, alternatives);
  }

  /** The same with log-probabilities, and of so many likeliest tokens beside each. */
  public ConversationOptions withLogProbabilities(int alternativeTokens) {
    return new ConversationOptions(
        compression, policy, sampling, stops, limits, OptionalInt.of(alternativeTokens));
  }

  /** What cuts the cache, by whichever rule. */
  Compression cutting() {
    return policy.map(rule -> new Compression(rule.following(), Budget.FULL)).orElse(compression);
  }

  /** How tokens are chosen in a turn, the first is 0. */
  SamplingOptions samplingOf(int turn) {
    return sampling.seed().isPresent()
        ? sampling.withSeed(sampling.seed().getAsLong() + turn)
        : sampling;
  }
}
