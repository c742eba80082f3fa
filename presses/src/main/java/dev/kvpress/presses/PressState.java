package dev.kvpress.presses;

import java.util.Optional;

/**
 * What a press must remember from step to step: scores at arrival, counters, query buffers, random
 * state. The cache of each layer carries it without looking inside.
 */
public interface PressState {

  /** An independent copy for a forked cache; immutable states return themselves. */
  PressState fork();

  /**
   * The state after the cache was cut; slots are renumbered as the kept slots of the edit say.
   *
   * @param edit the edit that the cache has just carried out
   */
  PressState afterEdit(CacheEdit edit);

  /**
   * The same as numbers for a file, which {@link PressStates} reads again; empty where it cannot be
   * kept in one, so that a cache with it is not saved.
   */
  default Optional<SavedState> saved() {
    return Optional.empty();
  }
}
