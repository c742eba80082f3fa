package dev.kvpress.runtime.text;

import java.util.OptionalInt;

/** Turns text into token ids of one model and back. Implementations are safe for many threads. */
public interface Tokenizer {
  /**
   * Token ids of a text that goes on, as the model saw the beginnings of texts in training.
   *
   * <p>Where the model begins its texts with a BOS token, the ids begin with it exactly once, also
   * when the text itself spells that token at its start. Where it does not (GPT-2), none is added.
   * No EOS is added in any case: a prompt is not at its end.
   *
   * @return a new array, each id in {@code [0, vocabularySize())}; nothing is truncated or padded
   * @throws dev.kvpress.runtime.ModelException if the text holds what the tokenizer has no token
   *     for
   */
  int[] encode(String text);

  /**
   * Token ids of a whole text: those of {@link #encode}, and EOS behind them where the model's
   * tokenizer ends its texts with it.
   */
  default int[] encodeWhole(String text) {
    return encode(text);
  }

  /**
   * Token ids of a piece of a prompt, which neither begins nor ends a text: no BOS and no EOS is
   * added, and where the piece spells a special token it becomes that token, as in {@link #encode}.
   * Transformers calls this {@code add_special_tokens=False}.
   */
  int[] encodeFragment(String text);

  /**
   * Tokens that {@link #encodeFragment} makes of a text at least, told without making them, in time
   * that grows with the length of the text and without memory; 0 where that cannot be told. For
   * whoever has room for so many only.
   */
  default long fewestTokens(String text) {
    return 0;
  }

  /**
   * The text that ids stand for, without BOS and EOS. Bytes that are no UTF-8 become the
   * replacement character, so a cut inside a character shows as one. Ids that the tokenizer does
   * not know stand for nothing: models have more rows than tokens.
   *
   * <p>Nothing is tidied up: what transformers calls {@code clean_up_tokenization_spaces} takes
   * away spaces that the model wrote.
   *
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] ids);

  /** How a text spells one token, special or not, for messages. */
  default String spelling(int id) {
    return decode(new int[] {id});
  }

  /**
   * Whether the text of ids that end with this one may still change when more ids come, other than
   * by growing or by completing a character at its end; see {@link TextStream}.
   */
  default boolean leavesOpen(int id) {
    return false;
  }

  /** The token that begins a text, if the model knows one (it need not use it, see GPT-2). */
  OptionalInt bosId();

  /** The token that ends a text, the first one where the model knows several. */
  OptionalInt eosId();

  /** Whether generation stops at this id: the model may know more ends than {@link #eosId()}. */
  boolean endsText(int id);

  /** Number of ids; the largest id plus one. */
  int vocabularySize();

  /** Kind and file in a few words, for the provenance of a result. */
  String describe();
}
