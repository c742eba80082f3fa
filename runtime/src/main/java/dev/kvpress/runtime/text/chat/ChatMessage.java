package dev.kvpress.runtime.text.chat;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * One turn of a conversation.
 *
 * @param role who speaks, as templates name it: {@code system}, {@code user}, {@code assistant}
 * @param content what is said
 */
public record ChatMessage(String role, String content) {
  /** Checks that somebody speaks. */
  public ChatMessage {
    checkArgument(!role.isBlank(), "role must not be blank");
    Objects.requireNonNull(content, "content is null");
  }

  /** A turn of the one who answers. */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }

  /** A turn of the one who asks. */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }
}
