package dev.kvpress.recipe.text;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A generated text as spans; joined without separators they give the text.
 *
 * @param kind what the document is made for
 * @param spans pieces in reading order
 */
public record Document(Kind kind, List<Span> spans) {

  /** What a document is made for. */
  public enum Kind {
    STORY,
    RECALL,
    /** Recall whose facts differ only in the name: the same one or two relations throughout. */
    RIVALS,
    COPY
  }

  /** How predictable a span is, which decides its weight in the loss. */
  public enum Role {
    /** Ordinary text. */
    TEXT,
    /** The value of a fact where it is stated: cannot be known. */
    FACT,
    /** The value of a fact where it is asked: follows from the text before. */
    ANSWER,
    /** Random words: cannot be known. */
    RANDOM,
    /** A segment repeated word for word. */
    COPY
  }

  /**
   * A piece of text.
   *
   * @param text begins with its own space where one is due
   * @param role how predictable it is
   * @param fact number of the fact that a FACT or ANSWER span belongs to, else -1
   */
  public record Span(String text, Role role, int fact) {
    static Span text(String text) {
      return new Span(text, Role.TEXT, -1);
    }
  }

  public Document {
    spans = List.copyOf(spans);
  }

  /** The whole text. */
  public String text() {
    return spans.stream().map(Span::text).collect(Collectors.joining());
  }
}
