package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.kernel.SplitMix;
import dev.kvpress.runtime.ModelException;
import java.util.Arrays;

/**
 * Draws the next token from the softmax of the logits, cut to the likeliest ones: first to the
 * {@code topK} largest logits, then to the fewest of these whose probabilities, after the
 * temperature, add up to {@code topP} or more (nucleus sampling, Holtzman et al. 2020). Equal
 * logits are ordered by id.
 *
 * <p>The random number of a token is a hash of the seed and of how many were chosen before it, so
 * that an answer repeats whenever it is asked for.
 *
 * @param seed any number
 * @param temperature what logits are divided by, above 0; 1 leaves the model's probabilities
 * @param topK how many of the largest logits stay, 0 for all
 * @param topP in (0, 1]; 1 for all
 */
public record Sampling(long seed, double temperature, int topK, double topP)
    implements TokenChoice {
  /** Checks the ranges. */
  public Sampling {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be above 0 and finite, found %s; for the likeliest token use TokenChoice.GREEDY",
        temperature);
    checkArgument(topK >= 0, "top_k must not be negative, found %s", topK);
    checkArgument(topP > 0 && topP <= 1, "top_p must be in (0, 1], found %s", topP);
  }

  @Override
  public int choose(Logits logits, int row, TokenHistory text) {
    int[] ids = likeliest(logits, row);
    double[] weights = weights(logits, row, ids);
    int count = nucleus(weights);
    double sum = Arrays.stream(weights, 0, count).sum();
    double left = sum * uniform(text.chosen());
    for (int i = 0; i < count; i++) {
      left -= weights[i];
      if (left < 0) {
        return ids[i];
      }
    }
    return ids[count - 1];
  }

  /** In [0, 1), with 53 bits. */
  private double uniform(int index) {
    return (SplitMix.mix(SplitMix.mix(seed) + index) >>> 11) * 0x1p-53;
  }

  /** The {@code topK} largest, the largest first. */
  private int[] likeliest(Logits logits, int row) {
    long[] order = new long[logits.vocabulary()];
    for (int v = 0; v < order.length; v++) {
      order[v] = sortKey(logits.get(row, v), v);
    }
    Arrays.sort(order);
    int count = topK == 0 ? order.length : Math.min(topK, order.length);
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (int) order[i]);
    return ids;
  }

  /** Ascending where logits descend; the id in the lower half. */
  private static long sortKey(float logit, int id) {
    if (Float.isNaN(logit)) {
      throw new ModelException(
          "the logit of token %d is not a number; no token can be drawn".formatted(id));
    }
    // Adding 0 makes one zero of two.
    int bits = Float.floatToIntBits(logit + 0f);
    int ascending = bits >= 0 ? bits : bits ^ 0x7fffffff;
    return ((long) ~ascending << 32) | id;
  }

  /** Probabilities up to a common factor, of which the largest is 1. */
  private double[] weights(Logits logits, int row, int[] ids) {
    double max = logits.get(row, ids[0]);
    if (!Double.isFinite(max)) {
      throw new ModelException(
          "the largest logit is %s, of token %d; no token can be drawn".formatted(max, ids[0]));
    }
    double[] weights = new double[ids.length];
    Arrays.setAll(weights, i -> Math.exp((logits.get(row, ids[i]) - max) / temperature));
    return weights;
  }

  private int nucleus(double[] weights) {
    if (topP == 1) {
      return weights.length;
    }
    double enough = topP * Arrays.stream(weights).sum();
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum >= enough) {
        return i + 1;
      }
    }
    return weights.length;
  }
}
