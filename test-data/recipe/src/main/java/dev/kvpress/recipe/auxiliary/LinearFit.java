package dev.kvpress.recipe.auxiliary;

import java.util.List;

/** Ridge regression in closed form, the bias unpenalised. */
final class LinearFit {
  // scikit-learn's default, which kvpress takes.
  private static final double RIDGE = 1;

  private LinearFit() {}

  static Surrogate fit(Examples examples) {
    int in = examples.inputs()[0].length;
    int out = examples.targets()[0].length;
    double[] inputMean = mean(examples.inputs());
    double[] targetMean = mean(examples.targets());
    double[][] gram = new double[in][in];
    double[][] right = new double[out][in];
    double[] x = new double[in];
    for (int n = 0; n < examples.inputs().length; n++) {
      for (int i = 0; i < in; i++) {
        x[i] = examples.inputs()[n][i] - inputMean[i];
      }
      for (int i = 0; i < in; i++) {
        for (int j = 0; j <= i; j++) {
          gram[i][j] += x[i] * x[j];
        }
        for (int o = 0; o < out; o++) {
          right[o][i] += x[i] * (examples.targets()[n][o] - targetMean[o]);
        }
      }
    }
    decompose(gram);
    float[][] weight = new float[out][in];
    float[] bias = new float[out];
    for (int o = 0; o < out; o++) {
      double[] w = solve(gram, right[o]);
      double shift = targetMean[o];
      for (int i = 0; i < in; i++) {
        weight[o][i] = (float) w[i];
        shift -= w[i] * inputMean[i];
      }
      bias[o] = (float) shift;
    }
    return new Surrogate(List.of(new Surrogate.Linear(weight, bias)));
  }

  private static double[] mean(float[][] rows) {
    double[] mean = new double[rows[0].length];
    for (float[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += (double) row[i] / rows.length;
      }
    }
    return mean;
  }

  /** Cholesky factor of {@code gram + ridge}, in place. */
  private static void decompose(double[][] gram) {
    for (int i = 0; i < gram.length; i++) {
      gram[i][i] += RIDGE;
      for (int j = 0; j <= i; j++) {
        double sum = gram[i][j];
        for (int k = 0; k < j; k++) {
          sum -= gram[i][k] * gram[j][k];
        }
        gram[i][j] = i == j ? Math.sqrt(sum) : sum / gram[j][j];
      }
    }
  }

  private static double[] solve(double[][] lower, double[] right) {
    double[] x = right.clone();
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= lower[i][k] * x[k];
      }
      x[i] /= lower[i][i];
    }
    for (int i = x.length - 1; i >= 0; i--) {
      for (int k = i + 1; k < x.length; k++) {
        x[i] -= lower[k][i] * x[k];
      }
      x[i] /= lower[i][i];
    }
    return x;
  }
}
