package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Scores a token by a small network trained on the hidden state that enters the layer: a linear map
 * onto the KV heads, or one hidden layer with GELU before it.
 *
 * <p>The weights of each layer come from a file as the trained tensors {@link #WEIGHT} {@code [G,
 * E]} and {@link #BIAS} {@code [G]}, where for the network with a hidden layer of N units E is N
 * and {@link #HIDDEN_WEIGHT} is {@code [N, E]}, {@link #HIDDEN_BIAS} {@code [N]}.
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

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("kvzap")
          .with(Parameter.text("model_type", "mlp", "linear or mlp"))
          .summary("Keeps the tokens that a trained surrogate finds important.")
          .source("KVzap, arXiv 2601.07891; kvpress kvzap_press.py")
          .dmsThreshold(-6)
          .madeBy(arguments -> new KvZapPress(hasHiddenLayer(arguments)));

  private final boolean hiddenLayer;

  /**
   * Takes the form of the network.
   *
   * @param hiddenLayer whether it has a hidden layer
   */
  public KvZapPress(boolean hiddenLayer) {
    this.hiddenLayer = hiddenLayer;
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
    Scores scores = Scores.of(layer);
    FloatTensor states = layer.hiddenStates();
    int tokens = states.size(1);
    int width = states.size(2);
    float[] input = new float[width];
    for (int b = 0; b < layer.batch(); b++) {
      float[][] byToken = new float[tokens][];
      for (int t = 0; t < tokens; t++) {
        states.read((b * tokens + t) * width, input, width);
        byToken[t] = output(layer, input);
      }
      for (int g = 0; g < layer.kvHeads(); g++) {
        for (int j = 0; j < layer.length(b, g); j++) {
          scores.set(b, g, j, byToken[layer.position(b, g, j)][g]);
        }
      }
    }
    return scores;
  }

  /** The scores of one token for all KV heads. */
  private float[] output(LayerSignals layer, float[] state) {
    float[] input = state;
    if (hiddenLayer) {
      int units = layer.auxiliary(HIDDEN_BIAS).size(0);
      input = apply(layer, HIDDEN_WEIGHT, HIDDEN_BIAS, state, units);
      for (int i = 0; i < units; i++) {
        input[i] = (float) (0.5 * input[i] * Erf.complement(-input[i] / Math.sqrt(2)));
      }
    }
    return apply(layer, WEIGHT, BIAS, input, layer.kvHeads());
  }

  private static float[] apply(
      LayerSignals layer, String weightName, String biasName, float[] input, int outputs) {
    FloatTensor weight = layer.auxiliary(weightName);
    int[] expected = {outputs, input.length};
    if (!Arrays.equals(weight.shape(), expected)) {
      throw new IllegalArgumentException(
          "%s of layer %d must have the shape %s (outputs, inputs), found %s; it was trained for another model"
              .formatted(
                  weightName,
                  layer.layer(),
                  Arrays.toString(expected),
                  Arrays.toString(weight.shape())));
    }
    float[] row = new float[input.length];
    float[] result = new float[outputs];
    for (int o = 0; o < outputs; o++) {
      weight.read(o * row.length, row, row.length);
      result[o] = Vectors.dot(row, 0, input, 0, row.length) + layer.auxiliary(biasName).get(o);
    }
    return result;
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
  public Set<Phase> phases() {
    return EnumSet.of(Phase.PREFILL);
  }
}
