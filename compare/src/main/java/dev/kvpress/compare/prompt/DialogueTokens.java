package dev.kvpress.compare.prompt;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * Token ids of several questions about one context.
 *
 * @param context is prefilled and compressed, at least one token
 * @param turns what is passed for each question, at least one token each; in a conversation that of
 *     a later one begins with the right answer to the one before
 */
public record DialogueTokens(ImmutableIntArray context, List<ImmutableIntArray> turns) {
  /** Takes a copy and checks that there is something to compress and to ask with. */
  public DialogueTokens {
    turns = ImmutableList.copyOf(turns);
    checkArgument(!context.isEmpty(), "a context must have at least one token");
    checkArgument(
        turns.stream().noneMatch(ImmutableIntArray::isEmpty),
        "a question must have at least one token");
  }
}
