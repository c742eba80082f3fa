package dev.kvpress.presses.signal;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Set;

/**
 * Lets the model read further tokens behind a context and gives what they saw, as a service of
 * whoever owns the cache. The cache stays as it was. For one row.
 */
public interface Reader {
  /** Token ids of the context, in order, those around the text included. */
  ImmutableIntArray context();

  /** How many first tokens of the context a chat template has written, 0 without one. */
  int prefixTokens();

  /** Token ids that end what the user says and let the model answer; may be none. */
  ImmutableIntArray suffix();

  /** Token ids of a piece of a prompt, which neither begins nor ends a text. */
  ImmutableIntArray encode(String text);

  /**
   * Reads tokens behind the context, at the positions that follow it, each seeing the whole context
   * and those before it. They pass in parts, so that memory grows with the context and not with its
   * square.
   *
   * @param ids what to read, at least one token
   * @param signals what to observe; of queries and hidden states those of the part are given
   * @param listener is told of each part as soon as it has passed
   */
  void read(ImmutableIntArray ids, Set<Signal> signals, Listener listener);

  /** Is told of each part of what is read. */
  interface Listener {
    /**
     * A part has passed.
     *
     * @param layers of each layer keys and values of the context and of everything read so far;
     *     queries and hidden states of this part; sums and maxima of attention over everything read
     *     so far. Valid until the method returns
     * @param from index of the part's first token among those to be read
     * @param to index behind its last one
     */
    void passed(ModelSignals layers, int from, int to);
  }
}
