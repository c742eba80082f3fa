package dev.kvpress.presses.rule;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.wrapper.ChunkPress;
import dev.kvpress.presses.wrapper.KeyRerotationPress;
import java.util.OptionalInt;

/**
 * Keeps what the question at the end of the prompt attends to, then moves the kept tokens together:
 * the score of {@link QuestionAttention}, taken chunk by chunk where a {@code chunk_length} is
 * given.
 *
 * <p>kvpress {@code finch_press.py} finds the question by a delimiter token that it takes out of
 * the prompt. A press sees no tokens: here {@code window_size} says how many tokens the question
 * has, it must be the end of the prefill, and any batch size goes. As there, chunks start at the
 * first token, so a question that lies across the last border may lose tokens.
 */
public final class FinchPress extends ForwardingLayerPress {
  static final Parameter WINDOW =
      Parameter.integer("window_size", 64, 1, "tokens of the question at the end");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("finch")
          .with(WINDOW)
          .with(Parameter.optionalInteger("chunk_length", 1, "tokens of a chunk; none: one chunk"))
          .with(
              Parameter.flag(
                  "normalize_scores", true, "weigh a query by the number of tokens it sees"))
          .with(Parameter.flag("rerotate_keys", true, "move the kept tokens together"))
          .summary("Keeps the tokens that the question at the end of the prompt attends to.")
          .source("FINCH, arXiv 2408.00167; kvpress finch_press.py")
          .madeBy(
              arguments ->
                  new FinchPress(
                      arguments.integer(WINDOW),
                      arguments.optionalInteger("chunk_length"),
                      arguments.flag("normalize_scores"),
                      arguments.flag("rerotate_keys")));

  private final int window;
  private final OptionalInt chunk;

  /**
   * Takes the sizes.
   *
   * @param window tokens of the question at the end, at least 1
   * @param chunk tokens of a chunk, at least 1; empty: all tokens are one
   * @param normalize whether a query is weighed by the number of tokens it sees
   * @param rerotate whether the kept tokens are moved together
   */
  public FinchPress(int window, OptionalInt chunk, boolean normalize, boolean rerotate) {
    super(selecting(new QuestionAttention(window, normalize), chunk, rerotate));
    this.window = window;
    this.chunk = chunk;
  }

  private static Press selecting(ScorerPress scorer, OptionalInt chunk, boolean rerotate) {
    Press press = chunk.isPresent() ? new ChunkPress(scorer, chunk.getAsInt()) : scorer;
    return rerotate ? new KeyRerotationPress(press) : press;
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (chunk.isPresent() && layer.maxLength() > chunk.getAsInt() && !budget.keepsAll()) {
      requireRoom(chunk.getAsInt(), layer.maxLength(), budget);
    }
    return press.compress(layer, budget);
  }

  private void requireRoom(int length, int tokens, Budget budget) {
    long kept =
        budget.compressionRatio().isPresent()
            ? budget.keptOf(length)
            : (long) budget.keptOf(tokens) * length / tokens;
    checkArgument(
        kept >= window,
        "finch: chunk_length=%s keeps %s tokens of a chunk under %s, fewer than window_size=%s; give longer chunks, a larger budget or a smaller window",
        length,
        kept,
        budget.describe(),
        window);
  }
}
