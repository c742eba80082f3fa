package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.generate.TokenScore.Alternative;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;

/** Says how likely a model found tokens, by its logits before anything was done to them. */
final class TokenScorer {
  private final TokenSpelling spelling;
  private final int alternatives;

  /**
   * For the tokens of a model.
   *
   * @param alternatives likeliest tokens to name in the place of each
   */
  TokenScorer(Tokenizer tokenizer, int alternatives) {
    checkArgument(alternatives >= 0, "alternatives must not be negative, found %s", alternatives);
    this.spelling = new TokenSpelling(tokenizer);
    this.alternatives = alternatives;
  }

  /**
   * A token that stands behind others.
   *
   * @param logits {@code [rows, V]}, of which one row is meant: that of the token before it
   * @param textOffset characters before it
   * @throws ModelException if the logits are no numbers
   */
  TokenScore score(int id, Logits logits, int row, int textOffset) {
    double normalizer = logits.logSumExp(row);
    if (!Double.isFinite(normalizer)) {
      throw new ModelException(
          "no token has a probability: the logarithm of the sum of all exponentials is %s"
              .formatted(normalizer));
    }
    ImmutableList.Builder<Alternative> likeliest = ImmutableList.builder();
    if (alternatives > 0) {
      for (int other : logits.largest(row, alternatives)) {
        likeliest.add(
            new Alternative(other, spelling.of(other), logits.get(row, other) - normalizer));
      }
    }
    double own = logits.get(row, id) - normalizer;
    return new TokenScore(id, spelling.of(id), own, likeliest.build(), textOffset);
  }

  /** A token of which nothing is known. */
  TokenScore unscored(int id, int textOffset) {
    return new TokenScore(id, spelling.of(id), Double.NaN, List.of(), textOffset);
  }

  /** How a token is spelled inside a text. */
  String spelling(int id) {
    return spelling.of(id);
  }

  /** For each token, how many characters (UTF-16) of the text of all of them are before it. */
  static int[] offsets(Tokenizer tokenizer, int[] ids) {
    TextStream stream = TextStream.of(tokenizer);
    for (int id : ids) {
      stream.add(id);
    }
    stream.end();
    int[] offsets = new int[ids.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = stream.start(i);
    }
    return offsets;
  }
}
