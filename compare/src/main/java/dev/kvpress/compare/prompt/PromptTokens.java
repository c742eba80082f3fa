package dev.kvpress.compare.prompt;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/**
 * Token ids of a prompt, in the parts that a cache sees one after the other.
 *
 * @param context is prefilled and compressed, at least one token
 * @param question is passed behind it, at least one token, so that no answer is predicted by the
 *     uncompressed prefill
 * @param answer what should follow; empty where nothing is expected
 */
public record PromptTokens(
    ImmutableIntArray context, ImmutableIntArray question, ImmutableIntArray answer) {
  /** Checks that there is something to compress and something to ask with. */
  public PromptTokens {
    checkArgument(!context.isEmpty(), "a context must have at least one token");
    checkArgument(!question.isEmpty(), "a question must have at least one token");
  }

  /** Cuts ids in three. */
  static PromptTokens cut(int[] ids, int context, int asked) {
    ImmutableIntArray whole = ImmutableIntArray.copyOf(ids);
    return new PromptTokens(
        whole.subArray(0, context).trimmed(),
        whole.subArray(context, asked).trimmed(),
        whole.subArray(asked, whole.length()).trimmed());
  }
}
