package dev.kvpress.runtime.cache;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;

/**
 * The keys and values of one layer. What they are stored in is the affair of the implementation;
 * the only one today is {@link HostLayerStore}, one that stays on a device can come later.
 *
 * <p>The tokens of a head are the last ones of its slots in use; what stands before them, where
 * heads have different length, is padding.
 */
public interface LayerStore extends AutoCloseable {

  /** P, slots per head, padding included: the past length that a graph is given. */
  int slots();

  /**
   * Carries out an edit; the tokens that go are really removed.
   *
   * @param edit slots count the tokens, not the padding
   * @param before the account of the tokens as it was before the edit
   * @return the store after the edit; this one is closed by it
   * @throws IllegalArgumentException if the edit does not fit; this store is as it was
   */
  LayerStore apply(CacheEdit edit, LayerLedger before);

  /**
   * Checks an edit; nothing changes.
   *
   * @param before the account of the tokens as it is
   * @throws IllegalArgumentException if it does not fit
   */
  void check(CacheEdit edit, LayerLedger before);

  /** A second store of the same content; memory is shared until one of them changes. */
  LayerStore fork();

  /** Keys {@code [B, G, S, D]}; a view that is valid until the store changes. */
  HeadVectors keys(LayerLedger ledger);

  /** Values {@code [B, G, S, D]}; a view that is valid until the store changes. */
  HeadVectors values(LayerLedger ledger);

  /** Bytes of one token of one head, key and value together. */
  int bytesPerToken();

  /** Bytes of all slots, padding and spare room included. */
  long physicalBytes();

  /**
   * Its tokens as they are kept in a file, to be opened again by the {@link SavedForm} of the same
   * name.
   *
   * @throws ModelException if tokens of this form cannot be kept
   */
  default SavedLayer saved(LayerLedger ledger) {
    throw new ModelException(
        "a cache that lies in memory of others (%s) cannot be saved; save its context before it joins or after it has left"
            .formatted(getClass().getSimpleName()));
  }

  /** Gives the memory back unless a fork still holds it; closing twice does nothing more. */
  @Override
  void close();
}
