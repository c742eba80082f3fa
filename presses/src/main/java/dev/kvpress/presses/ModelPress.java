package dev.kvpress.presses;

import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A press that must see all layers at once (budgets shared between layers, one score per token over
 * all layers). {@link Press} is the case of one layer at a time.
 *
 * <p>One object may be asked about many contexts at once, from many threads, so it keeps nothing in
 * fields; what it has to remember from step to step goes into a {@link PressState}.
 */
public interface ModelPress {

  /** What the press asks the graph for, beside keys and values which are always there. */
  Set<Signal> needs();

  /** The phases in which the press can be asked. */
  default Set<Phase> phases() {
    return EnumSet.of(Phase.PREFILL);
  }

  /**
   * Whether the press goes on evicting after each decoding step of its own accord. A press which
   * merely can (see {@link #phases()}) is asked at each step by the streaming protocol only.
   */
  default boolean evictsWhileDecoding() {
    return false;
  }

  /**
   * Whether this is the baseline: it removes nothing, whatever the budget, and that is no error.
   */
  default boolean keepsAll() {
    return false;
  }

  /**
   * How uneven a whole cache is after this press, for what comes after it. Rows of a batch that
   * differ in length to begin with do not count.
   */
  default CacheShape leaves() {
    return CacheShape.SAME_LENGTH;
  }

  /** The most uneven cache that this press can be asked about. */
  default CacheShape accepts() {
    return CacheShape.BY_HEAD;
  }

  /** Whether tokens that stay move to new positions, which only the last of several cuts may do. */
  default boolean movesTokens() {
    return false;
  }

  /**
   * The same without moving tokens, for caches that give each token the position of its slot by
   * themselves: what moves tokens together has nothing to do there.
   */
  default ModelPress withoutMoving() {
    return this;
  }

  /** Whether the press writes new values for tokens that stay. */
  default boolean replacesValues() {
    return false;
  }

  /**
   * The format in which the cache is kept once this press has cut it, where that is part of the
   * method; empty for a cache as passes compute it.
   */
  default Optional<CacheFormat> cacheFormat() {
    return Optional.empty();
  }

  /**
   * Whether the press lets the model read the context a second time, through {@link
   * ModelSignals#reader()}, which costs passes of its own; see {@link ReadingPress}.
   */
  default boolean readsAgain() {
    return false;
  }

  /** What the press asks the graph for while the context is read again; see {@link #needs()}. */
  default Set<Signal> needsOfReading() {
    return Set.of();
  }

  /**
   * Trained tokens that pass behind the context before it is cut, where they belong to the method:
   * the name under which a model finds them, their embeddings being {@code Signal.Auxiliary(name +
   * ".embeddings")} of shape {@code [tokens, E]}. Whoever owns the cache lets them pass through the
   * weights that were adapted for them once the press has spoken; their keys and values stay. Edits
   * speak of the context's slots only, and choose which of them stay. Where all stay, nothing
   * passes.
   */
  default Optional<String> appends() {
    return Optional.empty();
  }

  /** How closely the press follows the budget. */
  default BudgetKind budgetKind() {
    return BudgetKind.EXACT;
  }

  /**
   * What the press must remember of a step at which it is not asked to cut, one for each layer; see
   * {@link Press#observe(dev.kvpress.presses.signal.LayerSignals)}.
   */
  default List<Optional<PressState>> observe(ModelSignals model) {
    return Collections.nCopies(model.layers().size(), Optional.empty());
  }

  /**
   * Cuts the caches of all layers.
   *
   * @param model the signals of each layer, in order
   * @param budget how much may stay
   * @return one edit for each layer, in the same order
   */
  List<CacheEdit> compress(ModelSignals model, Budget budget);
}
