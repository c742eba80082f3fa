package dev.kvpress.compare.serve.answer;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.serve.answer.Logprobs.Placed;
import dev.kvpress.runtime.generate.PromptScores;
import dev.kvpress.runtime.generate.TokenScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A prompt as an answer tells it again.
 *
 * @param text as it was sent; empty where it is not told
 * @param tokens with their log-probabilities, where these were asked for
 * @param scores how they came about, where they did
 */
record PromptEcho(String text, List<Placed> tokens, Optional<PromptScores> scores) {
  /** A prompt that is not told again. */
  static final PromptEcho NONE = new PromptEcho("", List.of(), Optional.empty());

  /** Takes a copy. */
  PromptEcho {
    tokens = ImmutableList.copyOf(tokens);
  }

  /** Without log-probabilities. */
  static PromptEcho of(String text) {
    return new PromptEcho(text, List.of(), Optional.empty());
  }

  /**
   * With log-probabilities.
   *
   * @param added tokens at the beginning that the text does not spell: a token that begins texts,
   *     which the server has put before it, is no part of what was sent
   */
  static PromptEcho of(String text, PromptScores scores, int added) {
    CodePoints places = new CodePoints(0);
    places.append(text);
    List<TokenScore> all = scores.tokens().subList(added, scores.tokens().size());
    List<Placed> tokens = new ArrayList<>();
    int spelled = 0;
    for (int i = 0; i < all.size(); i++) {
      TokenScore score = all.get(i);
      int place = score.textOffset() + spelled;
      tokens.add(new Placed(score, places.at(place)));
      boolean silent = i + 1 < all.size() && all.get(i + 1).textOffset() == score.textOffset();
      if (silent) {
        spelled += spelledAt(text, place, score.text());
      }
    }
    return new PromptEcho(text, tokens, Optional.of(scores));
  }

  /**
   * How far a token reaches in a text as it was sent that is nothing in the text of its tokens: a
   * special one (as the end of texts) whose spelling was sent. White space between it and the place
   * is its own, since tokenizers that take it away beside special tokens do so without a token. 0
   * where it is not spelled there, as for the bytes of a character.
   */
  private static int spelledAt(String text, int place, String spelling) {
    int from = Math.min(place, text.length());
    int found = spelling.isBlank() ? -1 : text.indexOf(spelling, from);
    return found >= 0 && text.substring(from, found).isBlank()
        ? found + spelling.length() - from
        : 0;
  }
}
