package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The scores of {@code fastkvzip}: what a trained gate makes of the hidden state that enters the
 * layer, {@link KeyGate}, final when the token arrives and remembered beside the cache. The first
 * tokens and a window of the last ones are protected, where the original gives them the score 1,
 * which no gate reaches.
 *
 * <p>The weights of each layer come from a file as the trained tensors named here, in the shapes of
 * the original: with M channels and A trained keys {@code q_proj.weight [H*M, E]}, {@code
 * q_proj.bias [H*M]}, {@code k_proj.weight [G*M, E]}, {@code q_norm.weight [M]}, {@code
 * k_norm.weight [M]}, {@code k_base [G, 1, A, M]} and {@code b [G, 1, H/G]}.
 */
public final class GateScores extends ScorerPress {
  /** Weights of the queries. */
  public static final String QUERY_WEIGHT = "fastkvzip.q_proj.weight";

  /** Bias of the queries. */
  public static final String QUERY_BIAS = "fastkvzip.q_proj.bias";

  /** Weights of the keys. */
  public static final String KEY_WEIGHT = "fastkvzip.k_proj.weight";

  /** Weights of the norm of queries. */
  public static final String QUERY_NORM = "fastkvzip.q_norm.weight";

  /** Weights of the norm of keys. */
  public static final String KEY_NORM = "fastkvzip.k_norm.weight";

  /** The keys that compete. */
  public static final String BASE = "fastkvzip.k_base";

  /** Added to the logit of the token's own key. */
  public static final String BIAS = "fastkvzip.b";

  /** First tokens that stay. */
  public static final Parameter SINKS = Parameter.integer("n_sink", 4, 0, "first tokens that stay");

  /** Last tokens of a long text that stay. */
  public static final Parameter WINDOW =
      Parameter.integer("window_size", 4096, 0, "last tokens that stay of 32,000 or more");

  /** Share of a shorter text. */
  public static final Parameter SHARE =
      Parameter.number("window_ratio", 0.02, 0, 1, "share of last tokens that stay of fewer");

  private static final int LONG = 32_000;

  private final int sinks;
  private final int window;
  private final double share;

  /**
   * Takes the sizes.
   *
   * @param sinks first tokens that stay, not negative
   * @param window last tokens that stay of 32,000 tokens or more, not negative
   * @param share share of the last tokens that stay of a shorter text, in [0, 1]
   */
  public GateScores(int sinks, int window, double share) {
    this.sinks = SINKS.checked(sinks);
    this.window = WINDOW.checked(window);
    this.share = SHARE.checked(share);
  }

  /** With the sizes of {@link #SINKS}, {@link #WINDOW} and {@link #SHARE}. */
  public static GateScores of(PressArguments arguments) {
    return new GateScores(
        arguments.integer(SINKS), arguments.integer(WINDOW), arguments.number(SHARE));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    TokenScores arrived = arrived(layer);
    return Scores.of(
        layer,
        (scores, b, g) -> {
          arrived.copyTo(scores, layer, b, g);
          scores.protect(b, g, 0, layer.slotsBefore(b, g, sinks));
          int first = layer.tokensSeen(b) - protectedTail(layer, b);
          scores.protect(b, g, layer.slotsBefore(b, g, first), layer.length(b, g));
        });
  }

  /** Of a text so short that the share is no whole token, the original protects all. */
  @Override
  public int protectedTail(LayerSignals layer, int row) {
    int seen = layer.tokensSeen(row);
    return seen < LONG ? (int) (seen * share) : window;
  }

  private static TokenScores arrived(LayerSignals layer) {
    return TokenScores.arrived(layer, "fastkvzip", inputs -> new KeyGate(layer, inputs));
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return Optional.of(arrived(layer));
  }

  @Override
  public Set<Signal> needs() {
    Set<Signal> needs = new LinkedHashSet<>();
    needs.add(new Signal.HiddenStates());
    for (String name :
        new String[] {QUERY_WEIGHT, QUERY_BIAS, KEY_WEIGHT, QUERY_NORM, KEY_NORM, BASE, BIAS}) {
      needs.add(new Signal.Auxiliary(name));
    }
    return needs;
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.ARRIVAL;
  }

  @Override
  public int protectedHead() {
    return sinks;
  }
}
