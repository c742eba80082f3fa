package dev.kvpress.runtime.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/**
 * A context behind which any question may come.
 *
 * @param ids token ids, at least one
 * @param before what parts a question from it where the question begins without white space
 * @param after what stands between a question and its answer
 */
public record OpenContext(ImmutableIntArray ids, String before, String after) {
  /** Checks that there is something to compress. */
  public OpenContext {
    checkArgument(!ids.isEmpty(), "a context must have at least one token");
  }

  /**
   * The tokens of a question.
   *
   * @param before of the context
   * @param after of the context
   * @throws IllegalArgumentException if it has none
   */
  public static int[] asked(Tokenizer tokenizer, String question, String before, String after) {
    boolean begins = !question.isEmpty() && !Character.isWhitespace(question.charAt(0));
    int[] ids = tokenizer.encodeFragment((begins ? before : "") + question + after);
    checkArgument(ids.length > 0, "a question must have at least one token");
    return ids;
  }
}
