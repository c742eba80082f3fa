package dev.kvpress.compare.serve.ask;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.serve.model.PressWish;
import dev.kvpress.runtime.generate.SamplingOptions;
import dev.kvpress.runtime.generate.StopRules;
import java.util.Optional;

/**
 * What requests of both kinds have in common.
 *
 * @param model its name as asked for
 * @param press what the fields say on press and budget
 * @param sampling how tokens are chosen, of the first answer
 * @param stops what ends an answer
 * @param n answers to each prompt
 * @param streaming how it is answered
 * @param cacheKey under which a compressed context is kept
 * @param stored name of a stored context behind which the prompt stands
 * @param keptMap whether to tell which tokens stayed
 */
public record AskOptions(
    String model,
    PressWish press,
    SamplingOptions sampling,
    StopRules stops,
    int n,
    Streaming streaming,
    Optional<String> cacheKey,
    Optional<String> stored,
    boolean keptMap) {
  /** Checks that all are there. */
  public AskOptions {
    requireNonNull(model, "model is null");
    requireNonNull(press, "press is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stops, "stops is null");
    requireNonNull(streaming, "streaming is null");
  }

  /**
   * How an answer comes.
   *
   * @param on piece by piece
   * @param usage whether a last piece tells how much was used
   * @param continuous whether every piece tells how much was used so far
   */
  public record Streaming(boolean on, boolean usage, boolean continuous) {}
}
