package dev.kvpress.runtime.graph.trace;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node makes of a cache.
 *
 * @param outputs one for each output of the node; empty where the cache ends here
 * @param refusal why it is not known, in words that go on after the node's name; null where it is
 */
record Outcome(List<CachedValue> outputs, @Nullable String refusal) {

  /** The same for every output. */
  static Outcome of(CachedValue value, int outputs) {
    return new Outcome(Collections.nCopies(outputs, value), null);
  }

  static Outcome of(CachedValue value) {
    return of(value, 1);
  }

  /** What comes out is no longer an image of the cache. */
  static Outcome end() {
    return new Outcome(List.of(), null);
  }

  static Outcome refused(String reason) {
    return new Outcome(List.of(), reason);
  }
}
