package dev.kvpress.compare.run;

import java.util.Optional;

/** What was made of pieces of work, by the keys of their content. */
public interface FinishedWork {
  /**
   * What became of a piece of work.
   *
   * @param outcome what it gave; empty if it failed
   * @param error why it gave nothing; empty if it went through
   */
  record Entry(Optional<SampleOutcome> outcome, Optional<String> error) {}

  /** Whether the work with this key went through, and need not be done again. */
  boolean isDone(String key);

  /** What became last of the work with this key; empty where it was not tried. */
  Optional<Entry> entry(String key);
}
