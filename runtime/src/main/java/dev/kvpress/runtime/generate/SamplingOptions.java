package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import dev.kvpress.runtime.decode.Penalties;
import dev.kvpress.runtime.decode.Sampling;
import dev.kvpress.runtime.decode.TokenChoice;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How the next token is chosen. The order of the steps is that of transformers' processors: bias,
 * penalties, temperature, top-k, top-p, min-p.
 *
 * @param temperature what logits are divided by; 0 takes the likeliest token always, the first of
 *     equals, after bias and penalties
 * @param topK how many of the largest logits stay, 0 for all
 * @param topP in (0, 1]: the fewest tokens that are so likely together stay; 1 for all
 * @param minP in [0, 1]: tokens less likely than this times the likeliest go; 0 for none
 * @param repetitionPenalty above 0; logits of tokens that were there before, in the prompt or the
 *     answer, are divided by it where positive, else multiplied (CTRL, arXiv 1909.05858); 1 for
 *     none
 * @param presencePenalty taken off the logits of tokens that were chosen before; 0 for none
 * @param frequencyPenalty the same for each time that a token was chosen
 * @param logitBias added to the logits of tokens by id
 * @param seed with which the same request gives the same text; empty for another one each time
 */
public record SamplingOptions(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    Map<Integer, Double> logitBias,
    OptionalLong seed) {
  /** The likeliest token, always. */
  public static final SamplingOptions GREEDY =
      new SamplingOptions(0, 0, 1, 0, 1, 0, 0, Map.of(), OptionalLong.empty());

  /** Takes a copy and checks the ranges. */
  public SamplingOptions {
    logitBias = ImmutableMap.copyOf(logitBias);
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature must be 0 or more and finite, found %s",
        temperature);
    // The other ranges are those of the steps that take them.
    var unused = new Sampling(0, temperature == 0 ? 1 : temperature, topK, topP, minP);
    var unusedToo = new Penalties(logitBias, repetitionPenalty, presencePenalty, frequencyPenalty);
  }

  /** Draws from the model's own probabilities, sharper or flatter. */
  public static SamplingOptions temperature(double temperature) {
    return GREEDY.withTemperature(temperature);
  }

  /** The same at another temperature. */
  public SamplingOptions withTemperature(double other) {
    return new SamplingOptions(
        other,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        seed);
  }

  /** The same cut to another number of the largest logits. */
  public SamplingOptions withTopK(int other) {
    return new SamplingOptions(
        temperature,
        other,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        seed);
  }

  /** The same cut to tokens of another probability together. */
  public SamplingOptions withTopP(double other) {
    return new SamplingOptions(
        temperature,
        topK,
        other,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        seed);
  }

  /** The same with another least share of the likeliest token's probability. */
  public SamplingOptions withMinP(double other) {
    return new SamplingOptions(
        temperature,
        topK,
        topP,
        other,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        seed);
  }

  /** The same with another penalty for what was there before. */
  public SamplingOptions withRepetitionPenalty(double other) {
    return new SamplingOptions(
        temperature, topK, topP, minP, other, presencePenalty, frequencyPenalty, logitBias, seed);
  }

  /** The same with another penalty for having been chosen. */
  public SamplingOptions withPresencePenalty(double other) {
    return new SamplingOptions(
        temperature, topK, topP, minP, repetitionPenalty, other, frequencyPenalty, logitBias, seed);
  }

  /** The same with another penalty for each time of having been chosen. */
  public SamplingOptions withFrequencyPenalty(double other) {
    return new SamplingOptions(
        temperature, topK, topP, minP, repetitionPenalty, presencePenalty, other, logitBias, seed);
  }

  /** The same with another bias. */
  public SamplingOptions withLogitBias(Map<Integer, Double> other) {
    return new SamplingOptions(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        other,
        seed);
  }

  /** The same with a seed. */
  public SamplingOptions withSeed(long other) {
    return new SamplingOptions(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        OptionalLong.of(other));
  }

  /**
   * The same with a seed: the one that is there, else one that is drawn now. Whoever wants to say
   * with which seed a text can be had again asks this before the request.
   */
  public SamplingOptions seeded() {
    return seed.isPresent() ? this : withSeed(ThreadLocalRandom.current().nextLong());
  }

  /** Whether chance has no part in it. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /**
   * Checks that the model has the tokens of the bias.
   *
   * @param vocabulary number of its token ids, V
   * @throws IllegalArgumentException naming one that it lacks
   */
  void requireTokens(int vocabulary) {
    for (int id : logitBias.keySet()) {
      checkArgument(
          id < vocabulary,
          "logit_bias names token %s, but the model has ids from 0 to %s",
          id,
          vocabulary - 1);
    }
  }

  /** The choice for one request; without a seed, two of them differ. Safe for any thread. */
  TokenChoice choice() {
    TokenChoice choice =
        isGreedy()
            ? TokenChoice.GREEDY
            : new Sampling(seeded().seed().orElseThrow(), temperature, topK, topP, minP);
    return new Penalties(logitBias, repetitionPenalty, presencePenalty, frequencyPenalty)
        .before(choice);
  }
}
