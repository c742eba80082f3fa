package dev.kvpress.runtime.text;

import java.util.OptionalInt;

/** Turns text into token ids of one model and back. Implementations are safe for many threads. */
public interface Tokenizer {
  /**
   * Token ids of a text as the model saw texts in training.
   *
   * <p>Where the model begins its texts with a BOS token, the ids begin with it exactly once, also
   * when the text itself spells that token at its start. Where it does not (GPT-2), none is added.
   *
   * @return a new array, each id in {@code [0, vocabularySize())}; nothing is truncated or padded
   */
  int[] encode(String text);

  /**
   * The text that ids stand for, without BOS and EOS. Bytes that are no UTF-8 become the
   * replacement character, so a cut inside a character shows as one.
   *
   * @throws IllegalArgumentException if an id lies outside the vocabulary
   */
  String decode(int[] ids);

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
