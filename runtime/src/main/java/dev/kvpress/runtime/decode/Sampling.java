package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.kernel.SplitMix;
import dev.kvpress.runtime.ModelException;

/**
 * Draws the next token from the softmax of the logits, cut to the likeliest ones: first to the
 * {@code topK} largest logits, then to the fewest of these whose probabilities, after the
 * temperature, add up to {@code topP} or more (nucleus sampling, Holtzman et al. 2020), then to
 * those at least {@code minP} times as likely as the likeliest (Nguyen et al. 2024). Equal logits
 * are ordered by id, so that {@code topK} tokens are {@code topK}; transformers keeps all that
 * equal the last one.
 *
 * <p>The random number of a token is a hash of the seed and of how many were chosen before it, so
 * that an answer repeats whenever it is asked for.
 *
 * @param seed any number
 * @param temperature what logits are divided by, above 0; 1 leaves the model's probabilities
 * @param topK how many of the largest logits stay, 0 for all
 * @param topP in (0, 1]; 1 for all
 * @param minP in [0, 1]; 0 for all
 */
public record Sampling(long seed, double temperature, int topK, double topP, double minP)
    implements TokenChoice {
  /** Tokens to look at first: most of the time the one that is drawn is among them. */
  private static final int FIRST_LOOK = 128;

  /** By how much further looks are wider. */
  private static final int WIDER = 16;

  /** Checks the ranges. */
  public Sampling {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be above 0 and finite, found %s; for the likeliest token use TokenChoice.GREEDY",
        temperature);
    checkArgument(topK >= 0, "top_k must not be negative, found %s", topK);
    checkArgument(topP > 0 && topP <= 1, "top_p must be in (0, 1], found %s", topP);
    checkArgument(minP >= 0 && minP <= 1, "min_p must be in [0, 1], found %s", minP);
  }

  /** Without a least share of the likeliest. */
  public Sampling(long seed, double temperature, int topK, double topP) {
    this(seed, temperature, topK, topP, 0);
  }

  @Override
  public int choose(Logits logits, int row, TokenHistory text) {
    return choose(logits, row, uniform(text.chosen()));
  }

  /** Chooses by a number of [0, 1). */
  int choose(Logits logits, int row, double uniform) {
    int most = topK == 0 ? logits.vocabulary() : Math.min(topK, logits.vocabulary());
    int look = topK == 0 ? Math.min(FIRST_LOOK, most) : most;
    int[] ids = logits.largest(row, look);
    double max = largest(logits, row, ids[0]);
    double total = topK == 0 ? sum(logits, row, max) : Double.NaN;
    while (true) {
      double[] weights = weights(logits, row, ids, max);
      int index = draw(weights, look == most, topK == 0 ? total : sum(weights), uniform);
      if (index >= 0) {
        return ids[index];
      }
      look = Math.min(most, Math.multiplyExact(look, WIDER));
      ids = logits.largest(row, look);
    }
  }

  /** In [0, 1), with 53 bits. */
  private double uniform(int index) {
    return (SplitMix.mix(SplitMix.mix(seed) + index) >>> 11) * 0x1p-53;
  }

  private static double largest(Logits logits, int row, int id) {
    double max = logits.get(row, id);
    if (!Double.isFinite(max)) {
      throw new ModelException(
          "the largest logit is %s, of token %d; no token can be drawn".formatted(max, id));
    }
    return max;
  }

  /** The sum of all weights. */
  private double sum(Logits logits, int row, double max) {
    double sum = 0;
    for (int v = 0; v < logits.vocabulary(); v++) {
      sum += weight(logits.get(row, v), max);
    }
    return sum;
  }

  private static double sum(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    return sum;
  }

  private double[] weights(Logits logits, int row, int[] ids, double max) {
    double[] weights = new double[ids.length];
    for (int i = 0; i < ids.length; i++) {
      weights[i] = weight(logits.get(row, ids[i]), max);
    }
    return weights;
  }

  /** A probability up to a common factor, with which the largest is 1. */
  private double weight(float logit, double max) {
    return Math.exp((logit - max) / temperature);
  }

  /**
   * Draws among the likeliest.
   *
   * @param weights descending
   * @param whole whether there are no more than these
   * @param total the sum of all weights, of those too that are not here
   * @return an index, or -1 if it takes more weights to tell
   */
  private int draw(double[] weights, boolean whole, double total, double uniform) {
    double kept = 0;
    int count = 0;
    boolean cut = false;
    while (count < weights.length && !cut && !(count > 0 && weights[count] < minP)) {
      kept += weights[count++];
      cut = topP < 1 && kept >= topP * total;
    }
    boolean ended = cut || count < weights.length || whole;
    boolean all = topP == 1 && minP == 0;
    if (!ended && !all) {
      return -1;
    }
    double left = (ended ? kept : total) * uniform;
    for (int i = 0; i < count; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return ended ? count - 1 : -1;
  }
}
