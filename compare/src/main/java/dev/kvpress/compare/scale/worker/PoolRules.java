package dev.kvpress.compare.scale.worker;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How a pool goes about it.
 *
 * @param workers processes, at least 1
 * @param window most contexts that one of them has at once, at least 1
 * @param sharedFate whether the contexts of a worker that dies may all be innocent: it stands for
 *     many machines, and its death is held against none of them
 */
public record PoolRules(int workers, int window, boolean sharedFate) {
  /** Checks the ranges. */
  public PoolRules {
    checkArgument(workers >= 1, "workers must be at least 1, found %s", workers);
    checkArgument(window >= 1, "window must be at least 1, found %s", window);
  }

  /** Processes of this machine, each with one context at a time. */
  public static PoolRules local(int workers) {
    return new PoolRules(workers, 1, false);
  }

  /** One process that passes contexts on to others, and takes all there are. */
  public static PoolRules bridge() {
    return new PoolRules(1, Integer.MAX_VALUE, true);
  }
}
