package dev.kvpress.compare.run;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.runtime.decode.Logits;

/** Adds up how well the logits of successive passes predict the tokens that follow. */
final class Continuation {
  private final int[] ids;
  private final Hasher hasher = Hashing.murmur3_128().newHasher();
  private double nll;
  private int tokens;

  /** For a text of given ids. */
  Continuation(int[] ids) {
    this.ids = ids;
  }

  /**
   * Adds the logits of a pass.
   *
   * @param from index of the first token of the pass; the last token of the text predicts nothing
   */
  void add(Logits logits, int from) {
    addFrom(logits, from, 0);
  }

  /** The same, counting only tokens from a given index on. */
  void addFrom(Logits logits, int from, int firstCounted) {
    for (int row = 0; row < logits.rows(); row++) {
      int next = from + row + 1;
      if (next < ids.length && next >= firstCounted) {
        nll += logits.negativeLogLikelihood(row, ids[next]);
        tokens++;
      }
    }
    hasher.putLong(logits.bitHash());
  }

  /** Summed negative log-likelihood in nats. */
  double nll() {
    return nll;
  }

  /** Predicted tokens. */
  int tokens() {
    return tokens;
  }

  /** A hash of all logits, bit for bit; call it once. */
  long hash() {
    return hasher.hash().asLong();
  }
}
