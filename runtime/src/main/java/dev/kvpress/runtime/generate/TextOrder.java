package dev.kvpress.runtime.generate;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.decode.TokenChoice;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A text to be generated, whose prompt has become tokens.
 *
 * @param model which generates it
 * @param words its tokenizer
 * @param before ids of what stands before the prompt and has passed already; may be empty
 * @param prompt ids to pass
 * @param alternatives as in {@link GenerationRequest}
 * @param fresh whether the text begins of its own, as the answer of a chat does
 * @param turn the turn of a conversation that it is
 */
record TextOrder(
    DecoderModel model,
    Tokenizer words,
    ImmutableIntArray before,
    ImmutableIntArray prompt,
    Compression compression,
    Positions positions,
    TokenChoice choice,
    StopRules stops,
    Limits limits,
    OptionalInt alternatives,
    boolean keptMap,
    boolean fresh,
    Optional<ConversationTurn> turn) {
  // What a text reads of the tokens before it is the last character of these, at most.
  private static final int TAIL = 64;

  /** The same as a turn of a conversation. */
  TextOrder ofTurn(ConversationTurn of, OptionalInt other) {
    return new TextOrder(
        model,
        words,
        before,
        prompt,
        compression,
        positions,
        choice,
        stops,
        limits,
        other,
        keptMap,
        fresh,
        Optional.of(of));
  }

  long fullBytes(long tokens) {
    return Usage.fullBytes(model, tokens);
  }

  int contextTokens() {
    return before.length();
  }

  /** Ids of everything before the text. */
  ImmutableIntArray allIds() {
    return ImmutableIntArray.builder(before.length() + prompt.length())
        .addAll(before)
        .addAll(prompt)
        .build();
  }

  AnswerText newText() {
    if (fresh) {
      return AnswerText.fresh(words, stops, alternatives);
    }
    ImmutableIntArray all = allIds();
    int from = Math.max(0, before.length() - TAIL);
    return AnswerText.behind(
        words, all.subArray(from, all.length()).toArray(), stops, alternatives);
  }

  /** A token that is no part of the text. */
  TokenScore scored(int id, Logits logits, int row) {
    TokenScorer scorer = new TokenScorer(words, alternatives.orElse(0));
    return alternatives.isPresent() ? scorer.score(id, logits, row, 0) : scorer.unscored(id, 0);
  }
}
