package dev.kvpress.runtime.cache.position;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where tokens stand for a model's position embedding. */
public enum Positions {
  /**
   * At their index in the text, which survives eviction. Keys are cached as they were rotated; a
   * text goes on to positions that the model has never seen if it is long enough.
   */
  TRUE,
  /**
   * At the slots that they have in the cache now (StreamingLLM, arXiv 2309.17453, section 3.2;
   * H2O's {@code run_streaming.py}). Keys are cached before rotation and rotated at every step, the
   * query stands behind the last cached token: what is evicted leaves no gap, and no position is
   * beyond the size of the cache.
   */
  ROLLED;

  /** The name that a command line takes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The way of a name; empty where there is none of it. */
  public static Optional<Positions> of(String label) {
    return Arrays.stream(values()).filter(p -> p.label().equals(label)).findFirst();
  }

  /** All names. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Positions::label).toList();
  }
}
