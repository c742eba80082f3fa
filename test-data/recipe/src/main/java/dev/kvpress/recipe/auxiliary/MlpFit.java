package dev.kvpress.recipe.auxiliary;

import dev.kvpress.presses.kernel.Vectors;
import java.util.List;
import java.util.Random;

/**
 * Trains a network with one hidden layer by Adam on the squared error, with a cosine learning rate.
 * Plain loops: the networks are small, and the result is the same on every machine.
 */
final class MlpFit {
  private static final int EPOCHS = 15;
  private static final int BATCH = 64;
  private static final double RATE = 2e-3;

  private final int in;
  private final int units;
  private final int out;
  // One after another: hidden weights, hidden biases, output weights, output biases.
  private final float[] parameters;
  private final float[] gradient;
  private final Adam adam;

  private MlpFit(int in, int units, int out, Random random) {
    this.in = in;
    this.units = units;
    this.out = out;
    parameters = new float[units * in + units + out * units + out];
    adam = new Adam(parameters);
    gradient = adam.gradient();
    for (int i = 0; i < units * in; i++) {
      parameters[i] = (float) (random.nextGaussian() / Math.sqrt(in));
    }
    for (int i = units * in + units; i < parameters.length - out; i++) {
      parameters[i] = (float) (random.nextGaussian() / Math.sqrt(units));
    }
  }

  /**
   * Trains a network.
   *
   * @param units of the hidden layer
   * @param seed of the first weights and of the order of examples
   */
  static Surrogate fit(Examples examples, int units, long seed) {
    Random random = new Random(seed);
    float[][] inputs = examples.inputs();
    float[][] targets = examples.targets();
    MlpFit fit = new MlpFit(inputs[0].length, units, targets[0].length, random);
    for (float[] target : targets) {
      for (int o = 0; o < fit.out; o++) {
        fit.parameters[fit.parameters.length - fit.out + o] += target[o] / targets.length;
      }
    }
    int[] order = new int[inputs.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    int total = EPOCHS * (order.length / BATCH);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      Adam.shuffle(order, random);
      for (int from = 0; from + BATCH <= order.length; from += BATCH) {
        for (int i = from; i < from + BATCH; i++) {
          fit.backward(inputs[order[i]], targets[order[i]]);
        }
        fit.adam.step(RATE * 0.5 * (1 + Math.cos(Math.PI * fit.adam.steps() / total)));
      }
    }
    return fit.surrogate();
  }

  private void backward(float[] input, float[] target) {
    int hiddenBias = units * in;
    int outWeight = hiddenBias + units;
    int outBias = outWeight + out * units;
    float[] sums = new float[units];
    float[] active = new float[units];
    for (int u = 0; u < units; u++) {
      float sum = parameters[hiddenBias + u] + Vectors.dot(parameters, u * in, input, 0, in);
      sums[u] = sum;
      active[u] = (float) (sum * Normal.below(sum));
    }
    float[] back = new float[units];
    for (int o = 0; o < out; o++) {
      int from = outWeight + o * units;
      float guess = parameters[outBias + o] + Vectors.dot(parameters, from, active, 0, units);
      float error = 2 * (guess - target[o]) / (BATCH * out);
      gradient[outBias + o] += error;
      for (int u = 0; u < units; u++) {
        gradient[outWeight + o * units + u] += error * active[u];
        back[u] += error * parameters[outWeight + o * units + u];
      }
    }
    for (int u = 0; u < units; u++) {
      double slope = Normal.below(sums[u]) + sums[u] * Normal.density(sums[u]);
      float error = (float) (back[u] * slope);
      gradient[hiddenBias + u] += error;
      for (int i = 0; i < in; i++) {
        gradient[u * in + i] += error * input[i];
      }
    }
  }

  private Surrogate surrogate() {
    return new Surrogate(List.of(linear(0, in, units), linear(units * in + units, units, out)));
  }

  private Surrogate.Linear linear(int at, int inputs, int outputs) {
    float[][] weight = new float[outputs][inputs];
    float[] bias = new float[outputs];
    for (int o = 0; o < outputs; o++) {
      System.arraycopy(parameters, at + o * inputs, weight[o], 0, inputs);
    }
    System.arraycopy(parameters, at + outputs * inputs, bias, 0, outputs);
    return new Surrogate.Linear(weight, bias);
  }
}
