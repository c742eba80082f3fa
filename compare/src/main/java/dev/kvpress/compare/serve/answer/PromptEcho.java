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
    List<Placed> tokens = new ArrayList<>();
    for (TokenScore score : scores.tokens().subList(added, scores.tokens().size())) {
      tokens.add(new Placed(score, places.at(score.textOffset())));
    }
    return new PromptEcho(text, tokens, Optional.of(scores));
  }
}
