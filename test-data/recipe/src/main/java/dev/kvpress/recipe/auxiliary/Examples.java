package dev.kvpress.recipe.auxiliary;

/**
 * Pairs of what is seen and what is wanted.
 *
 * @param inputs {@code [N][E]}
 * @param targets {@code [N][G]}
 */
record Examples(float[][] inputs, float[][] targets) {
  /** What makes scores of a hidden state. */
  interface Predictor {
    /** Scores {@code [G]}. */
    float[] apply(float[] state);
  }

  /** 1 - squared error over squared deviation from the mean, over all heads. */
  double explained(Predictor predictor) {
    double[] mean = new double[targets[0].length];
    for (float[] target : targets) {
      for (int g = 0; g < mean.length; g++) {
        mean[g] += (double) target[g] / targets.length;
      }
    }
    double error = 0;
    double spread = 0;
    for (int i = 0; i < inputs.length; i++) {
      float[] guess = predictor.apply(inputs[i]);
      for (int g = 0; g < mean.length; g++) {
        error += Math.pow(guess[g] - targets[i][g], 2);
        spread += Math.pow(targets[i][g] - mean[g], 2);
      }
    }
    return 1 - error / spread;
  }
}
