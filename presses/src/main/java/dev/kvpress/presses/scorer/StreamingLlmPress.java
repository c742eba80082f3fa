package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Keeps the first tokens as attention sinks and the most recent ones: 1 for these, 0 between them.
 *
 * <p>Sinks are the tokens whose original position is below {@code n_sink}, however often the cache
 * was cut. A budget below the number of sinks keeps the later ones of the sinks, as ties go
 * everywhere; a context of nothing but sinks, which kvpress refuses, keeps its most recent tokens.
 * Positions are not closed up; the paper's form is {@code key_rerotation(streaming_llm)}.
 */
public final class StreamingLlmPress extends ScorerPress {
  private static final Parameter SINKS =
      Parameter.integer("n_sink", 4, 0, "first tokens that stay");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("streaming_llm")
          .with(SINKS)
          .summary("Keeps the first tokens (attention sinks) and the most recent ones.")
          .source("StreamingLLM, arXiv 2309.17453; kvpress streaming_llm_press.py")
          .madeBy(arguments -> new StreamingLlmPress(arguments.integer(SINKS)));

  /** The catalogue line of the form without sinks. */
  public static final PressDescriptor LOCAL_DESCRIPTOR =
      PressDescriptor.named("local")
          .summary("Keeps the most recent tokens only.")
          .source("the baseline 'Local' of H2O, arXiv 2306.14048")
          .madeBy(arguments -> new StreamingLlmPress(0));

  private final int sinks;

  /**
   * Takes the number of sinks.
   *
   * @param sinks first tokens that stay, not negative
   */
  public StreamingLlmPress(int sinks) {
    this.sinks = SINKS.checked(sinks);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.of(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          int sinkSlots = layer.slotsBefore(b, g, sinks);
          int recentSlots = keptTokens(layer, budget, b, g) - sinkSlots;
          for (int j = 0; j < length; j++) {
            scores.set(b, g, j, j < sinkSlots || j >= length - recentSlots ? 1 : 0);
          }
        });
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.SAME_TOKENS;
  }

  @Override
  public boolean scoresByBudget() {
    return true;
  }
}
