package dev.kvpress.compare.serve.ask;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param options what both kinds of requests have
 * @param messages in order, at least one
 * @param maxTokens new tokens at most
 * @param logprobs likeliest tokens to report beside each; empty for no log-probabilities
 * @param context what the user says first in the last message, read and compressed before the rest
 */
public record ChatAsk(
    AskOptions options,
    List<ChatMessage> messages,
    int maxTokens,
    OptionalInt logprobs,
    Optional<String> context) {
  /** Takes a copy. */
  public ChatAsk {
    messages = ImmutableList.copyOf(messages);
  }
}
