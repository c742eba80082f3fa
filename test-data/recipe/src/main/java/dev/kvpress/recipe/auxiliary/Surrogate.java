package dev.kvpress.recipe.auxiliary;

import java.util.List;

/**
 * Layers of {@code y = W x + b}, with GELU between them.
 *
 * @param layers the first reads the hidden state, the last gives a score for each KV head
 */
record Surrogate(List<Linear> layers) implements Examples.Predictor {

  /**
   * One of them.
   *
   * @param weight {@code [out][in]}
   * @param bias {@code [out]}
   */
  record Linear(float[][] weight, float[] bias) {
    float[] apply(float[] input) {
      float[] output = bias.clone();
      for (int o = 0; o < output.length; o++) {
        float sum = 0;
        for (int i = 0; i < input.length; i++) {
          sum += weight[o][i] * input[i];
        }
        output[o] += sum;
      }
      return output;
    }

    float[] flat() {
      float[] flat = new float[weight.length * weight[0].length];
      for (int o = 0; o < weight.length; o++) {
        System.arraycopy(weight[o], 0, flat, o * weight[o].length, weight[o].length);
      }
      return flat;
    }
  }

  Surrogate {
    layers = List.copyOf(layers);
  }

  @Override
  public float[] apply(float[] state) {
    float[] x = layers.get(0).apply(state);
    for (Linear layer : layers.subList(1, layers.size())) {
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) (x[i] * Normal.below(x[i]));
      }
      x = layer.apply(x);
    }
    return x;
  }
}
