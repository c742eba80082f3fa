package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.text.chat.ChatMessage;
import java.util.List;

/**
 * A conversation whose cache goes on from turn to turn: what was said and answered is never read
 * again. With a {@code CachePolicy} it is compressed again whenever it has grown beyond a bound.
 * One turn at a time; a second one waits for the first.
 */
public final class Conversation implements AutoCloseable {
  /** Says something and waits for the answer, which becomes part of the conversation. */
  public Generation say(ChatMessage message) {
    return say(message, GenerationListener.NONE).join();
  }

  /** The same without waiting. */
  public Generating say(ChatMessage message, GenerationListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Another conversation that goes on from here. */
  public Conversation fork() {
    throw new UnsupportedOperationException();
  }

  /** What was said and answered so far. */
  public List<ChatMessage> messages() {
    throw new UnsupportedOperationException();
  }

  /** Tokens in the cache, over layers and KV heads. */
  public long keptTokens() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the keys and values of these. */
  public long logicalBytes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
