package dev.kvpress.compare.data;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * One document of a data file, before tokenization.
 *
 * @param index place among the documents of its file, from 0
 * @param source name of its file, for messages
 * @param line where it begins, from 1
 * @param content what it holds
 * @param contextTokens where the compressed context ends, if the document itself says so; at least
 *     1
 */
public record Document(
    int index, String source, int line, Content content, OptionalInt contextTokens) {

  /** What a document holds. */
  public sealed interface Content permits Text, TokenIds {}

  /** A text that the model's tokenizer is to encode. */
  public record Text(String text) implements Content {}

  /** Ids that go into the model as they are; none is negative. */
  public record TokenIds(ImmutableIntArray ids) implements Content {}

  /** Checks the ranges. */
  public Document {
    Objects.requireNonNull(source, "source is null");
    Objects.requireNonNull(content, "content is null");
    if (index < 0 || line < 1 || contextTokens.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "index must be at least 0, line and contextTokens at least 1, found "
              + index
              + ", "
              + line
              + " and "
              + contextTokens);
    }
  }

  /** The beginning of a message about this document: file, line number, colon. */
  public String place() {
    return source + ":" + line + ": ";
  }
}
