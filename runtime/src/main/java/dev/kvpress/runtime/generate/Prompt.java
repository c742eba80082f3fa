package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;

/** What the model goes on with. */
public sealed interface Prompt {
  /**
   * A text, taken as it stands, without a chat template; the token that begins texts is put before
   * it where the model has one, but for what follows a {@link SharedContext}.
   */
  record Text(String text) implements Prompt {
    /** Checks that there is one. */
    public Text {
      requireNonNull(text, "text is null");
    }
  }

  /** Token ids, to which nothing is added. */
  record Tokens(ImmutableIntArray ids) implements Prompt {
    /** Checks that there is one. */
    public Tokens {
      checkArgument(!ids.isEmpty(), "a prompt must have at least one token");
    }
  }

  /** A conversation, written in the model's chat template up to where its answer begins. */
  record Chat(List<ChatMessage> messages) implements Prompt {
    /** Takes a copy and checks that somebody speaks. */
    public Chat {
      messages = ImmutableList.copyOf(messages);
      checkArgument(!messages.isEmpty(), "a conversation must have at least one message");
    }
  }
}
