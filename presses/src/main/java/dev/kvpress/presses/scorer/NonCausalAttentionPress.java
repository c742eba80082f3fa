package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by the attention which the tokens of its chunk, later ones included, would pay it
 * without a causal mask, times the length of its value.
 *
 * <p>As in kvpress {@code non_causal_attention_press.py}, whose figures are the reference, the
 * empty tokens that fill up the last chunk take part in its softmax (kvpress masks them with -1e-9,
 * which masks nothing).
 */
public final class NonCausalAttentionPress extends ScorerPress {
  static final Parameter CHUNK =
      Parameter.integer("chunk_size", 256, 1, "tokens that see each other");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("non_causal_attn")
          .with(CHUNK)
          .summary("Keeps the tokens that their neighbours attend to in both directions.")
          .source("Compactor, arXiv 2507.08143; kvpress non_causal_attention_press.py")
          .madeBy(arguments -> new NonCausalAttentionPress(arguments.integer(CHUNK)));

  private final int chunk;

  /**
   * Takes the size of a chunk.
   *
   * @param chunk tokens that see each other, at least 1
   */
  public NonCausalAttentionPress(int chunk) {
    this.chunk = CHUNK.checked(chunk);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    for (int b = 0; b < layer.batch(); b++) {
      double[][] heads = NonCausalAttention.of(layer, b, chunk, 0, 0);
      for (int g = 0; g < heads.length; g++) {
        scores.setHead(b, g, heads[g]);
      }
    }
    return scores;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Queries(Signal.ALL, true));
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }
}
