package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;

/** The trained network of {@link KvZapPress} for one layer, read out of its tensors once. */
final class Surrogate implements StateNetwork {
  private final float[][] hiddenWeight;
  private final float[] hiddenBias;
  private final float[][] weight;
  private final float[] bias;

  /**
   * Reads the weights.
   *
   * @param inputs E, size of a hidden state
   * @throws IllegalArgumentException if a tensor has another shape than the model asks for
   */
  Surrogate(LayerSignals layer, int inputs, boolean hiddenLayer) {
    int units = inputs;
    if (hiddenLayer) {
      units = layer.auxiliary(KvZapPress.HIDDEN_BIAS).size(0);
      hiddenWeight = matrix(layer, KvZapPress.HIDDEN_WEIGHT, units, inputs);
      hiddenBias = vector(layer, KvZapPress.HIDDEN_BIAS, units);
    } else {
      hiddenWeight = new float[0][];
      hiddenBias = new float[0];
    }
    weight = matrix(layer, KvZapPress.WEIGHT, layer.kvHeads(), units);
    bias = vector(layer, KvZapPress.BIAS, layer.kvHeads());
  }

  private static float[][] matrix(LayerSignals layer, String name, int outputs, int inputs) {
    FloatTensor tensor = layer.auxiliary(name, outputs, inputs);
    float[][] rows = new float[outputs][inputs];
    for (int o = 0; o < outputs; o++) {
      tensor.read(o * inputs, rows[o], inputs);
    }
    return rows;
  }

  private static float[] vector(LayerSignals layer, String name, int outputs) {
    float[] values = new float[outputs];
    layer.auxiliary(name, outputs).read(0, values, outputs);
    return values;
  }

  @Override
  public float[][] scores(float[][] states, int count) {
    if (hiddenWeight.length == 0) {
      return apply(weight, bias, states, count);
    }
    float[][] hidden = apply(hiddenWeight, hiddenBias, states, count);
    for (float[] unit : hidden) {
      for (int j = 0; j < count; j++) {
        unit[j] = (float) (0.5 * unit[j] * Erf.complement(-unit[j] / Math.sqrt(2)));
      }
    }
    return apply(weight, bias, hidden, count);
  }

  private static float[][] apply(float[][] weight, float[] bias, float[][] input, int count) {
    float[][] result = new float[weight.length][count];
    Kernels.addProduct(weight, 0, input, result, weight.length, count);
    for (int o = 0; o < result.length; o++) {
      for (int j = 0; j < count; j++) {
        result[o][j] += bias[o];
      }
    }
    return result;
  }
}
