package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Scores a token by a small network trained on the hidden state that enters the layer: a linear map
 * onto the KV heads, or one hidden layer with GELU before it. The score is final when the token
 * arrives and is remembered beside the cache, so that it counts in decoding too.
 *
 * <p>The weights of each layer come from a file as the trained tensors {@link #WEIGHT} {@code [G,
 * E]} and {@link #BIAS} {@code [G]}, where for the network with a hidden layer of N units E is N
 * and {@link #HIDDEN_WEIGHT} is {@code [N, E]}, {@link #HIDDEN_BIAS} {@code [N]}.
 *
 * <p>kvpress {@code kvzap_press.py} knows no sinks, and neither does {@code kvzap} unless {@code
 * n_sink} is given; {@code kvzap_no_sink} is the same by a name that says so.
 */
public final class KvZapPress extends ScorerPress {
  /** Weights onto the KV heads. */
  public static final String WEIGHT = "kvzap.weight";

  /** Bias of the KV heads. */
  public static final String BIAS = "kvzap.bias";

  /** Weights of the hidden layer. */
  public static final String HIDDEN_WEIGHT = "kvzap.hidden_weight";

  /** Bias of the hidden layer. */
  public static final String HIDDEN_BIAS = "kvzap.hidden_bias";

  private static final Parameter MODEL_TYPE = Parameter.text("model_type", "mlp", "linear or mlp");
  private static final Parameter SINKS =
      Parameter.integer("n_sink", 0, 0, "first tokens that stay");
  private static final String SOURCE = "KVzap, arXiv 2601.07891; kvpress kvzap_press.py";
  private static final double DMS_THRESHOLD = -6;

  /** The catalogue line of the form that may have sinks. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("kvzap")
          .with(MODEL_TYPE)
          .with(SINKS)
          .summary("Keeps the tokens that a trained surrogate finds important.")
          .source(SOURCE)
          .dmsThreshold(DMS_THRESHOLD)
          .madeBy(arguments -> new KvZapPress(hasHiddenLayer(arguments), arguments.integer(SINKS)));

  /** The catalogue line of the form without. */
  public static final PressDescriptor NO_SINK_DESCRIPTOR =
      PressDescriptor.named("kvzap_no_sink")
          .with(MODEL_TYPE)
          .summary("Keeps the tokens that a trained surrogate finds important, first ones or not.")
          .source(SOURCE)
          .dmsThreshold(DMS_THRESHOLD)
          .madeBy(arguments -> new KvZapPress(hasHiddenLayer(arguments), 0));

  private final boolean hiddenLayer;
  private final int sinks;

  /**
   * Takes the form of the network.
   *
   * @param hiddenLayer whether it has a hidden layer
   * @param sinks first tokens that stay, not negative
   */
  public KvZapPress(boolean hiddenLayer, int sinks) {
    this.hiddenLayer = hiddenLayer;
    this.sinks = SINKS.checked(sinks);
  }

  private static boolean hasHiddenLayer(PressArguments arguments) {
    String type = arguments.text("model_type").orElse("mlp");
    if (!type.equals("mlp") && !type.equals("linear")) {
      throw new PressSpecException("kvzap: model_type must be linear or mlp, found '" + type + "'");
    }
    return type.equals("mlp");
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    TokenScores arrived = arrived(layer);
    return Scores.of(
        layer,
        (scores, b, g) -> {
          arrived.copyTo(scores, layer, b, g);
          if (!budget.keepsAll()) {
            scores.protect(b, g, 0, layer.slotsBefore(b, g, sinks));
          }
        });
  }

  /** What its state is called in files. */
  public static final String STATE = TokenScores.KIND;

  /**
   * Its state out of a file.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    return TokenScores.restored(saved, ledger);
  }

  private TokenScores arrived(LayerSignals layer) {
    return TokenScores.arrived(
        layer,
        hiddenLayer ? "kvzap (mlp)" : "kvzap (linear)",
        inputs -> new Surrogate(layer, inputs, hiddenLayer));
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return Optional.of(arrived(layer));
  }

  @Override
  public Set<Signal> needs() {
    Set<Signal> needs = new LinkedHashSet<>();
    needs.add(new Signal.HiddenStates());
    needs.add(new Signal.Auxiliary(WEIGHT));
    needs.add(new Signal.Auxiliary(BIAS));
    if (hiddenLayer) {
      needs.add(new Signal.Auxiliary(HIDDEN_WEIGHT));
      needs.add(new Signal.Auxiliary(HIDDEN_BIAS));
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
