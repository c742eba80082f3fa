package dev.kvpress.recipe.auxiliary;

import java.util.Random;

/** Adam on a flat array of parameters, in plain loops: the same on every machine. */
final class Adam {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;

  private final float[] parameters;
  private final float[] gradient;
  private final float[] mean;
  private final float[] square;
  private int steps;

  /** Will change these parameters. */
  Adam(float[] parameters) {
    this.parameters = parameters;
    gradient = new float[parameters.length];
    mean = new float[parameters.length];
    square = new float[parameters.length];
  }

  /** Where gradients are added up until the next step. */
  float[] gradient() {
    return gradient;
  }

  /** Steps taken. */
  int steps() {
    return steps;
  }

  /** Changes the parameters and clears the gradient. */
  void step(double rate) {
    steps++;
    double correction = Math.sqrt(1 - Math.pow(BETA2, steps)) / (1 - Math.pow(BETA1, steps));
    float scaled = (float) (rate * correction);
    for (int i = 0; i < parameters.length; i++) {
      mean[i] += (1 - BETA1) * (gradient[i] - mean[i]);
      square[i] += (1 - BETA2) * (gradient[i] * gradient[i] - square[i]);
      parameters[i] -= scaled * mean[i] / ((float) Math.sqrt(square[i]) + 1e-8f);
      gradient[i] = 0;
    }
  }

  /** Brings examples into a random order. */
  static void shuffle(int[] order, Random random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }
}
