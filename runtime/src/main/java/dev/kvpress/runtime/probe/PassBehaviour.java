package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.Remark;
import java.util.List;

/**
 * How tokens pass through a graph.
 *
 * @param vocabulary V
 * @param lastLogitsOnly whether a pass of several tokens gives the logits of the last one only
 * @param togetherAtFirst whether several tokens may pass at once while the cache is empty
 * @param togetherLater whether several tokens may pass at once on a cache
 * @param notices what a user should know, in words
 */
public record PassBehaviour(
    int vocabulary,
    boolean lastLogitsOnly,
    boolean togetherAtFirst,
    boolean togetherLater,
    List<Remark> notices) {

  /** Checks the range. */
  public PassBehaviour {
    if (vocabulary < 1) {
      throw new IllegalArgumentException("vocabulary must be positive, found " + vocabulary);
    }
    notices = List.copyOf(notices);
  }
}
