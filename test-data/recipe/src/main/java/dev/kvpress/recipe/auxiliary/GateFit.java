package dev.kvpress.recipe.auxiliary;

import java.util.Arrays;
import java.util.Random;

/**
 * Trains a gate of Fast KVzip (arXiv 2601.17668) by Adam with a cosine learning rate, so that it
 * tells from the hidden state what KVzip would score: binary cross entropy against the score, a
 * number between 0 and 1. Plain loops: the same result on every machine.
 */
final class GateFit {
  private static final int EPOCHS = 12;
  private static final int BATCH = 64;
  private static final double RATE = 3e-3;
  private static final double CLIP = 1e-6;

  private final Gate gate;
  private final Adam adam;
  private final float[] gradient;
  private final double[] queryBack;
  private final double[] keyBack;

  private GateFit(Gate gate) {
    this.gate = gate;
    adam = new Adam(gate.parameters());
    gradient = adam.gradient();
    queryBack = new double[gate.channels()];
    keyBack = new double[gate.channels()];
  }

  /**
   * Trains a gate.
   *
   * @param gate with first parameters, which are changed
   * @param seed of the order of examples
   */
  static Gate fit(Examples examples, Gate gate, long seed) {
    Random random = new Random(seed);
    GateFit fit = new GateFit(gate);
    int[] order = new int[examples.inputs().length];
    Arrays.setAll(order, i -> i);
    int total = EPOCHS * (order.length / BATCH);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      Adam.shuffle(order, random);
      for (int from = 0; from + BATCH <= order.length; from += BATCH) {
        for (int i = from; i < from + BATCH; i++) {
          fit.backward(examples.inputs()[order[i]], examples.targets()[order[i]], 1.0 / BATCH);
        }
        fit.adam.step(RATE * 0.5 * (1 + Math.cos(Math.PI * fit.adam.steps() / total)));
      }
    }
    return gate;
  }

  /** The loss of one example, mean over the KV heads. */
  static double loss(Gate gate, float[] input, float[] target) {
    float[] scores = gate.apply(input);
    double loss = 0;
    for (int g = 0; g < target.length; g++) {
      double score = Math.max(CLIP, Math.min(1 - CLIP, scores[g]));
      loss -= target[g] * Math.log(score) + (1 - target[g]) * Math.log(1 - score);
    }
    return loss / target.length;
  }

  /** The gradient of {@link #loss} for one example. */
  static float[] gradient(Gate gate, float[] input, float[] target) {
    GateFit fit = new GateFit(gate);
    fit.backward(input, target, 1);
    return fit.gradient;
  }

  private void backward(float[] input, float[] target, double weight) {
    Gate.Seen seen = gate.see(input);
    for (int g = 0; g < target.length; g++) {
      double score = Math.max(CLIP, Math.min(1 - CLIP, seen.score(g)));
      double slope = weight / target.length * (score - target[g]) / (score * (1 - score));
      Arrays.fill(keyBack, 0);
      for (int h = g * gate.group(); h < (g + 1) * gate.group(); h++) {
        throughHead(seen, input, g, h, slope / gate.group());
      }
      throughNorm(seen.rawKeys(), g, keyBack, gate.keyNormAt());
      for (int c = 0; c < gate.channels(); c++) {
        addOuter(gate.keyWeightAt(), g * gate.channels() + c, keyBack[c], input);
      }
    }
  }

  private void throughHead(Gate.Seen seen, float[] input, int g, int h, double slope) {
    int channels = gate.channels();
    double scale = 1 / Math.sqrt(channels);
    double open = seen.open(h);
    double ofOwn = slope * open * (1 - open);
    gradient[gate.biasAt() + h] += (float) ofOwn;
    for (int c = 0; c < channels; c++) {
      queryBack[c] = ofOwn * seen.key(g, c) * scale;
      keyBack[c] += ofOwn * seen.query(h, c) * scale;
    }
    for (int a = 0; a < gate.bases(); a++) {
      double ofBase = -slope * open * seen.share(h, a);
      for (int c = 0; c < channels; c++) {
        int at = gate.baseAt() + (g * gate.bases() + a) * channels + c;
        queryBack[c] += ofBase * gate.parameters()[at] * scale;
        gradient[at] += (float) (ofBase * seen.query(h, c) * scale);
      }
    }
    throughNorm(seen.rawQueries(), h, queryBack, gate.queryNormAt());
    for (int c = 0; c < channels; c++) {
      gradient[gate.queryBiasAt() + h * channels + c] += (float) queryBack[c];
      addOuter(gate.queryWeightAt(), h * channels + c, queryBack[c], input);
    }
  }

  /** What stands behind a norm becomes what stands before it, in place. */
  private void throughNorm(double[] raw, int vector, double[] back, int weightAt) {
    int from = vector * back.length;
    double inverse = Gate.inverseLength(raw, from, back.length);
    double along = 0;
    for (int c = 0; c < back.length; c++) {
      gradient[weightAt + c] += (float) (back[c] * raw[from + c] * inverse);
      back[c] *= gate.parameters()[weightAt + c];
      along += back[c] * raw[from + c];
    }
    double share = inverse * inverse * inverse / back.length * along;
    for (int c = 0; c < back.length; c++) {
      back[c] = back[c] * inverse - share * raw[from + c];
    }
  }

  private void addOuter(int at, int row, double back, float[] input) {
    float slope = (float) back;
    int from = at + row * input.length;
    for (int i = 0; i < input.length; i++) {
      gradient[from + i] += slope * input[i];
    }
  }
}
