package dev.kvpress.compare.run;

import java.util.Optional;

/** Remembers finished work, so that a run that was cut off can go on. */
public interface WorkLog {
  /** Remembers nothing. */
  WorkLog NONE =
      new WorkLog() {
        @Override
        public Optional<SampleOutcome> find(String key) {
          return Optional.empty();
        }

        @Override
        public void done(Unit unit, SampleOutcome outcome) {}

        @Override
        public void failed(Unit unit, String error) {}
      };

  /**
   * A piece of work: one cell on one sample of one task.
   *
   * @param key of its content
   * @param cell method and budget
   * @param task name of the task
   * @param sample index in file order
   */
  record Unit(String key, String cell, String task, int sample) {}

  /** What an earlier run made of the work with this key. */
  Optional<SampleOutcome> find(String key);

  /**
   * Whether the same cell on the same sample was done with another key: with another program,
   * model, data or setting.
   */
  default boolean hasAnother(Unit unit) {
    return false;
  }

  /** Takes down a result; it outlives the process when this returns. */
  void done(Unit unit, SampleOutcome outcome);

  /** Takes down an error; the work will be tried again. */
  void failed(Unit unit, String error);
}
