package dev.kvpress.compare.data;

import java.util.Objects;

/**
 * One of several continuations of a context, of which a model is to hold the right one for the most
 * likely.
 *
 * @param lead what stands between the context that all choices share and the continuation: the same
 *     question for all, or, where the contexts vary, each choice's own; may be empty
 * @param continuation what is scored, exactly as it follows, with its own leading blank or none;
 *     not blank
 * @param text the choice as its length is counted, without what joins it to the question
 */
public record Choice(String lead, String continuation, String text) {
  /** Checks that there is something to score. */
  public Choice {
    Objects.requireNonNull(lead, "lead is null");
    Objects.requireNonNull(text, "text is null");
    if (continuation.isBlank()) {
      throw new IllegalArgumentException("expected a continuation that is not blank");
    }
  }
}
