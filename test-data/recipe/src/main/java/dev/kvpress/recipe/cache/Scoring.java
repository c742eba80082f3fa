package dev.kvpress.recipe.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.kvpress.recipe.model.Decoder.Attention;
import dev.kvpress.recipe.model.Shape;

/** How presses score the tokens of a context, with the parameters of the model card. */
public enum Scoring {
  /** {@code h2o(local_window_size=64)}: the mean attention over the queries that see the token. */
  H2O {
    @Override
    float[] votes(NDArray weights, Shape shape, int tokens) {
      float[] votes = perHead(weights, shape, tokens);
      for (int i = 0; i < votes.length; i++) {
        votes[i] /= tokens - i % tokens;
      }
      return votes;
    }
  },

  /** {@code snapkv}: the attention of the last 64 queries, smoothed over five tokens. */
  SNAPKV {
    @Override
    float[] votes(NDArray weights, Shape shape, int tokens) {
      int older = Math.max(0, tokens - WINDOW);
      float[] votes = perHead(weights.get(new NDIndex(":, {}:", older)), shape, tokens);
      float[] smooth = new float[votes.length];
      for (int i = 0; i < votes.length; i++) {
        int head = i - i % tokens;
        int last = Math.min(i + KERNEL / 2, head + older - 1);
        for (int j = Math.max(head, i - KERNEL / 2); j <= last; j++) {
          smooth[i] += votes[j] / KERNEL;
        }
      }
      return smooth;
    }
  };

  private static final int WINDOW = 64;
  private static final int KERNEL = 5;

  /** {@code [G * S]} from {@code weights} {@code [H, S, S]}. */
  abstract float[] votes(NDArray weights, Shape shape, int tokens);

  /** {@code [G][S]}; the last {@value #WINDOW} tokens are protected. */
  float[][] of(Attention attention, Shape shape) {
    NDArray weights = attention.weights().get(new NDIndex("0"));
    int tokens = (int) weights.getShape().get(2);
    float[] votes = votes(weights, shape, tokens);
    float[][] scores = new float[shape.kvHeads()][tokens];
    for (int g = 0; g < scores.length; g++) {
      for (int i = 0; i < tokens; i++) {
        scores[g][i] = i >= tokens - WINDOW ? Float.POSITIVE_INFINITY : votes[g * tokens + i];
      }
    }
    return scores;
  }

  private static float[] perHead(NDArray weights, Shape shape, int tokens) {
    return weights
        .sum(new int[] {1})
        .reshape(shape.kvHeads(), shape.groupSize(), tokens)
        .mean(new int[] {1})
        .toFloatArray();
  }
}
