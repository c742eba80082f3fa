package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen. The order of the steps is that of transformers' processors: bias,
 * penalties, temperature, top-k, top-p, min-p.
 *
 * @param temperature what logits are divided by; 0 takes the likeliest token always
 * @param topK how many of the largest logits stay, 0 for all
 * @param topP in (0, 1]; 1 for all
 * @param minP in [0, 1]: tokens less likely than this times the likeliest go; 0 for none
 * @param repetitionPenalty above 0; logits of tokens that were there before are divided by it where
 *     positive, else multiplied (CTRL, arXiv 1909.05858); 1 for none
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
}
