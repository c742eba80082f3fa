package dev.kvpress.compare.serve.ask;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.generate.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/completions}.
 *
 * @param options what both kinds of requests have
 * @param prompts texts or token ids, each answered {@code n} times
 * @param maxTokens new tokens at most; 0 for none, with echo only
 * @param echo whether an answer begins with its prompt
 * @param logprobs likeliest tokens to report beside each; empty for no log-probabilities
 * @param context what is read and compressed before the prompts
 * @param contextTokens how many tokens of each prompt are read and compressed before the others
 */
public record CompletionAsk(
    AskOptions options,
    List<Prompt> prompts,
    int maxTokens,
    boolean echo,
    OptionalInt logprobs,
    Optional<Prompt> context,
    OptionalInt contextTokens) {
  /** Takes a copy. */
  public CompletionAsk {
    prompts = ImmutableList.copyOf(prompts);
  }
}
