package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A tokenizer beside a model that has fewer rows than it has ids. Most texts never need the others,
 * and one that does is refused, by the token, before anything runs.
 */
public final class FittedTokenizer implements Tokenizer {
  private final Tokenizer tokenizer;
  private final int rows;

  private FittedTokenizer(Tokenizer tokenizer, int rows) {
    this.tokenizer = tokenizer;
    this.rows = rows;
  }

  /**
   * The tokenizer for a model.
   *
   * @param rows number of token ids of the model, V
   */
  public static Tokenizer of(Tokenizer tokenizer, int rows) {
    return tokenizer.vocabularySize() > rows ? new FittedTokenizer(tokenizer, rows) : tokenizer;
  }

  /** One line on what the model lacks, naming a token; empty if the tokenizer fits. */
  public static Optional<String> excess(Tokenizer tokenizer, int rows) {
    int size = tokenizer.vocabularySize();
    if (size <= rows) {
      return Optional.empty();
    }
    int example = rows;
    while (example < size - 1 && tokenizer.spelling(example).isEmpty()) {
      example++;
    }
    return Optional.of(
        "the tokenizer (%s) has ids up to %d, the model rows for %d: token \"%s\" (id %d)%s has none; a text that needs it is refused"
            .formatted(
                tokenizer.describe(),
                size - 1,
                rows,
                tokenizer.spelling(example),
                example,
                size - rows > 1 ? " is among %d ids that".formatted(size - rows) : ""));
  }

  @Override
  public int[] encode(String text) {
    return checked(tokenizer.encode(text));
  }

  @Override
  public int[] encodeWhole(String text) {
    return checked(tokenizer.encodeWhole(text));
  }

  @Override
  public int[] encodeFragment(String text) {
    return checked(tokenizer.encodeFragment(text));
  }

  private int[] checked(int[] ids) {
    for (int id : ids) {
      if (id >= rows) {
        throw new ModelException(
            "the text needs token \"%s\" (id %d) of the tokenizer (%s), but the model has only %d token ids; use the tokenizer that belongs to the model, or leave the token out"
                .formatted(tokenizer.spelling(id), id, tokenizer.describe(), rows));
      }
    }
    return ids;
  }

  @Override
  public long fewestTokens(String text) {
    return tokenizer.fewestTokens(text);
  }

  @Override
  public String decode(int[] ids) {
    return tokenizer.decode(ids);
  }

  @Override
  public String spelling(int id) {
    return tokenizer.spelling(id);
  }

  @Override
  public boolean leavesOpen(int id) {
    return tokenizer.leavesOpen(id);
  }

  @Override
  public OptionalInt bosId() {
    return tokenizer.bosId();
  }

  @Override
  public OptionalInt eosId() {
    return tokenizer.eosId();
  }

  @Override
  public boolean endsText(int id) {
    return tokenizer.endsText(id);
  }

  @Override
  public int vocabularySize() {
    return tokenizer.vocabularySize();
  }

  @Override
  public String describe() {
    return tokenizer.describe();
  }
}
