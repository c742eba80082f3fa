package dev.kvpress.compare.task;

import dev.kvpress.runtime.decode.Logits;

/**
 * One method's turn at one probe. Each call gives a conversation of its own, which the caller
 * closes; they do not see each other.
 */
public interface Turn {
  /** When the cache is compressed. */
  Protocol protocol();

  /** Tokens per pass behind the context: a chunk, or the step of streaming. */
  int passTokens();

  /**
   * The context as the method has left it. In the prefill protocol nothing is evicted from here on;
   * in streaming the method goes on after every pass.
   *
   * @param reader is told the logits of the context's tokens where the protocol reads them step by
   *     step (streaming); in the prefill protocol it hears nothing
   */
  Conversation compressed(ContextReader reader);

  /** {@link #compressed(ContextReader)} for those who do not care about the context's logits. */
  default Conversation compressed() {
    return compressed((from, logits, cacheBytes) -> {});
  }

  /**
   * The same for generating: a press that evicts while decoding goes on after every pass in the
   * prefill protocol too.
   */
  Conversation decoding();

  /** The context with its whole cache, as the baseline sees it. */
  Conversation full();

  /**
   * A prefill of this method's own with the signals that this method alone needs, compressed and
   * ready to generate; its {@link Conversation#contextNanos} is the method's true time. Passes
   * behind it take the fastest graph there is.
   */
  Conversation fresh();

  /**
   * Rows that generate side by side, each behind the context as the method has left it, on the
   * fastest graph there is. A press that evicts while decoding goes on after every step. In the
   * prefill protocol only.
   *
   * @param rows at least 1
   * @param steps that will be taken at most
   */
  Crowd crowd(int rows, int steps);

  /** Hears the context pass. */
  interface ContextReader {
    /**
     * One pass has gone through.
     *
     * @param from index of its first token
     * @param logits of its tokens, {@code [Q, V]}
     * @param cacheBytes bytes that the cache takes after the eviction behind it
     */
    void read(int from, Logits logits, long cacheBytes);
  }
}
