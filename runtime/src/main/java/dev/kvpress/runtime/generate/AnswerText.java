package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes the text of an answer out of its tokens, as they come: whole characters, up to what stops
 * it. Joined, the pieces are what the tokenizer makes of all tokens at once, cut before the stop.
 *
 * <p>A token is told with the piece in which its text ends. One whose text begins in the stop or
 * behind it is left out; one whose text begins before it stays, whole.
 *
 * <p>A piece of text waits where a stop may have begun in it, where its last character is not whole
 * yet, and where the tokenizer judges a run of bytes as a whole: then until the run has ended.
 */
final class AnswerText {
  private final TextStream stream;
  private final StopFinder finder;
  private final TokenScorer scorer;
  private final boolean scored;
  private final StringBuilder text = new StringBuilder();
  private final List<TokenScore> tokens = new ArrayList<>();
  private final Deque<TokenScore> waiting = new ArrayDeque<>();
  private int streamed;
  private boolean ended;

  private AnswerText(
      TextStream stream, Tokenizer tokenizer, StopRules stops, OptionalInt alternatives) {
    this.stream = stream;
    this.finder = new StopFinder(stops.strings());
    this.scorer = new TokenScorer(tokenizer, alternatives.orElse(0));
    this.scored = alternatives.isPresent();
  }

  /**
   * A text that goes on where a prompt has ended: what both together are, without the prompt. A
   * character that the prompt has begun is part of it.
   *
   * @param alternatives likeliest tokens to report in the place of each; empty for no
   *     log-probabilities
   */
  static AnswerText behind(
      Tokenizer tokenizer, int[] prompt, StopRules stops, OptionalInt alternatives) {
    return new AnswerText(TextStream.behind(tokenizer, prompt), tokenizer, stops, alternatives);
  }

  /**
   * A text of its own, as the answer in a conversation: the space that a tokenizer puts before the
   * first word of every text is no part of it.
   *
   * @param alternatives as in {@link #behind}
   */
  static AnswerText fresh(Tokenizer tokenizer, StopRules stops, OptionalInt alternatives) {
    return new AnswerText(TextStream.of(tokenizer), tokenizer, stops, alternatives);
  }

  /**
   * One more token.
   *
   * @param logits {@code [rows, V]}, by one row of which it was chosen, as the model gave them
   * @return what is certain now and was not before; may be empty
   */
  TextPiece add(int id, Logits logits, int row) {
    return add(scored ? scorer.score(id, logits, row, 0) : scorer.unscored(id, 0));
  }

  /** One more token without logits; it has no log-probability. */
  TextPiece add(int id) {
    return add(scorer.unscored(id, 0));
  }

  private TextPiece add(TokenScore token) {
    checkState(!stopped() && !ended, "the text has ended; no token can be added");
    waiting.add(token);
    String more = stream.add(token.id());
    streamed += more.length();
    String certain = finder.add(more);
    text.append(certain);
    return new TextPiece(certain, stopped() ? cutTokens() : certainTokens());
  }

  /** Whether a stop string has been found, and the text ends before it. */
  boolean stopped() {
    return finder.found().isPresent();
  }

  /** The stop string that was found. */
  Optional<String> stop() {
    return finder.found();
  }

  /**
   * No more tokens come; gives what is left. A stop string may be found in it, where the last
   * characters were not certain before.
   */
  TextPiece end() {
    if (stopped() || ended) {
      return new TextPiece("", List.of());
    }
    ended = true;
    String more = stream.end();
    streamed += more.length();
    String certain = finder.add(more);
    if (!stopped()) {
      certain += finder.end();
    }
    text.append(certain);
    return new TextPiece(certain, stopped() ? cutTokens() : allTokens());
  }

  /** All text that was handed out. */
  String text() {
    return text.toString();
  }

  /** All tokens that were told. */
  List<TokenScore> tokens() {
    return ImmutableList.copyOf(tokens);
  }

  /** Those whose text has been handed out to its end. */
  private List<TokenScore> certainTokens() {
    List<TokenScore> told = new ArrayList<>();
    while (!waiting.isEmpty() && endOfFirst() <= text.length()) {
      tell(told);
    }
    return told;
  }

  /** Those whose text begins before the stop. */
  private List<TokenScore> cutTokens() {
    List<TokenScore> told = new ArrayList<>();
    while (!waiting.isEmpty()
        && tokens.size() < stream.knownStarts()
        && stream.start(tokens.size()) < text.length()) {
      tell(told);
    }
    waiting.clear();
    return told;
  }

  private List<TokenScore> allTokens() {
    List<TokenScore> told = new ArrayList<>();
    while (!waiting.isEmpty()) {
      tell(told);
    }
    return told;
  }

  private void tell(List<TokenScore> told) {
    TokenScore token = waiting.remove().at(stream.start(tokens.size()));
    told.add(token);
    tokens.add(token);
  }

  /**
   * Where the text of the first token that waits has ended; beyond all text while that is not
   * known. A token without a text ends with the text behind it: only then it is sure that no stop
   * comes before it.
   */
  private int endOfFirst() {
    int first = tokens.size();
    if (first >= stream.knownStarts()) {
      return Integer.MAX_VALUE;
    }
    int start = stream.start(first);
    for (int next = first + 1; next < stream.knownStarts(); next++) {
      if (stream.start(next) > start) {
        return stream.start(next);
      }
    }
    boolean all = stream.knownStarts() == tokens.size() + waiting.size() && stream.isSettled();
    return all && streamed > start ? streamed : Integer.MAX_VALUE;
  }
}
