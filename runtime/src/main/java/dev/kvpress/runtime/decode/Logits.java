package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** The logits of some queries, {@code [rows, V]}; with a batch, row by row {@code [B*Q, V]}. */
public final class Logits {
  private final float[] values;
  private final int vocabulary;

  Logits(FloatBuffer source, int rows, int vocabulary) {
    this.vocabulary = vocabulary;
    this.values = new float[Math.multiplyExact(rows, vocabulary)];
    source.get(0, values);
  }

  /** Takes the values as they are. */
  Logits(float[] values, int vocabulary) {
    this.values = values;
    this.vocabulary = vocabulary;
  }

  /**
   * Joins the logits of passes that made one step, {@code [B*Q_i, V]} each, to {@code [B*ΣQ_i, V]}.
   *
   * @param batch B
   */
  static Logits joined(List<Logits> passes, int batch) {
    int vocabulary = passes.get(0).vocabulary;
    int total = passes.stream().mapToInt(Logits::rows).sum();
    float[] all = new float[Math.multiplyExact(total, vocabulary)];
    int at = 0;
    for (int b = 0; b < batch; b++) {
      for (Logits pass : passes) {
        int count = pass.values.length / batch;
        System.arraycopy(pass.values, b * count, all, at, count);
        at += count;
      }
    }
    return new Logits(all, vocabulary);
  }

  /** Queries there are logits of. */
  public int rows() {
    return values.length / vocabulary;
  }

  /** V. */
  public int vocabulary() {
    return vocabulary;
  }

  /** One logit. */
  public float get(int row, int token) {
    return values[row * vocabulary + token];
  }

  /** The token with the largest logit; of equal ones the first. */
  public int argmax(int row) {
    int best = 0;
    for (int v = 1; v < vocabulary; v++) {
      if (values[row * vocabulary + v] > values[row * vocabulary + best]) {
        best = v;
      }
    }
    return best;
  }

  /**
   * Ids of the largest logits, the largest first, equal ones by id.
   *
   * @param count how many, at least 1; of more than V there are V
   * @throws dev.kvpress.runtime.ModelException if a logit is not a number
   */
  public int[] largest(int row, int count) {
    checkArgument(count >= 1, "expected at least 1 logit to find, found %s", count);
    return LargestLogits.ids(values, row * vocabulary, vocabulary, count);
  }

  /** A copy of one row, {@code [V]}. */
  float[] row(int row) {
    return Arrays.copyOfRange(values, row * vocabulary, (row + 1) * vocabulary);
  }

  /** Negative log-likelihood of a token in nats, computed in double. */
  public double negativeLogLikelihood(int row, int token) {
    checkArgument(
        token >= 0 && token < vocabulary,
        "token id %s is outside the vocabulary of %s",
        token,
        vocabulary);
    return logSumExp(row) - values[row * vocabulary + token];
  }

  /**
   * What is taken off a logit to make a log-probability of it: the logarithm of the sum of all
   * exponentials, in double. Not a number if a logit is none, or the largest is infinite.
   */
  public double logSumExp(int row) {
    int from = row * vocabulary;
    double max = Double.NEGATIVE_INFINITY;
    for (int v = 0; v < vocabulary; v++) {
      max = Math.max(max, values[from + v]);
    }
    double sum = 0;
    for (int v = 0; v < vocabulary; v++) {
      sum += Math.exp(values[from + v] - max);
    }
    return max + Math.log(sum);
  }

  /** A hash of all bits, to see whether two passes gave exactly the same. */
  public long bitHash() {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (float value : values) {
      hasher.putInt(Float.floatToRawIntBits(value));
    }
    return hasher.hash().asLong();
  }
}
