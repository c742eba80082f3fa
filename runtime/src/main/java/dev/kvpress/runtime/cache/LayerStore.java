package dev.kvpress.runtime.cache;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import java.util.Optional;

/**
 * The keys and values of one layer. What they are stored in is the affair of the implementation: in
 * full, as passes give them ({@link HostLayerStore}), in fewer bits ({@link
 * dev.kvpress.runtime.cache.packed.PackedLayerStore}), or in memory of several contexts. Editing
 * and forking know this interface only; {@link PassStore} adds what passes need.
 *
 * <p>Tokens stand in the slots in the order of the text. Most often they are the last ones; which
 * slots before or between them hold none, {@link #nextToken} tells.
 */
public interface LayerStore extends AutoCloseable {

  /** P, slots per head, padding included: the past length that a graph is given. */
  int slots();

  /**
   * The first slot from some slot on that holds a token of a head; {@link #slots} or more where
   * there is none.
   *
   * @param head {@code b*G + g}
   * @param ledger the account of the tokens
   */
  default int nextToken(LayerLedger ledger, int head, int from) {
    int length = ledger.length(head / ledger.kvHeads(), head % ledger.kvHeads());
    return Math.max(from, slots() - length);
  }

  /** Whether the tokens of every head are the last ones of the slots. */
  default boolean isRightAligned(LayerLedger ledger) {
    return true;
  }

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

  /**
   * Whether {@link #cut} can carry out an edit, so that old and new memory never lie side by side.
   */
  default boolean canCut(CacheEdit edit) {
    return false;
  }

  /**
   * Carries out an edit that was checked, without fail; see {@link #canCut}.
   *
   * @return the store after the edit; this one is closed by it
   */
  default LayerStore cut(CacheEdit edit, LayerLedger before) {
    throw new IllegalStateException("edits of this store can fail");
  }

  /** A second store of the same content; memory is shared until one of them changes. */
  LayerStore fork();

  /** Keys {@code [B, G, S, D]}; a view that is valid until the store changes. */
  HeadVectors keys(LayerLedger ledger);

  /** Values {@code [B, G, S, D]}; a view that is valid until the store changes. */
  HeadVectors values(LayerLedger ledger);

  /** In what its tokens are kept; empty for numbers as passes compute them. */
  default Optional<CacheFormat> format() {
    return Optional.empty();
  }

  /**
   * Whether {@link #keys} and {@link #values} are made for each call and take memory of their own.
   */
  default boolean viewsAreCopies() {
    return false;
  }

  /** Bytes that one more token of one head takes, key and value together. */
  int bytesPerToken();

  /** Bytes of the tokens that are in the cache, their shares of scales included. */
  default long logicalBytes(LayerLedger ledger) {
    return ledger.totalLength() * bytesPerToken();
  }

  /** Bytes of all slots, padding and spare room included, and of what belongs to them. */
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
