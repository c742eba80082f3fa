package dev.kvpress.compare.run;

/** Remembers finished work, so that a run that was cut off can go on. */
public interface WorkLog extends FinishedWork {
  /**
   * A piece of work: one cell on one sample of one task.
   *
   * @param key of its content
   * @param cell method and budget
   * @param task name of the task
   * @param sample index in file order
   */
  record Unit(String key, String cell, String task, int sample) {}

  /**
   * Whether the same cell on the same sample was done with another key: with another program,
   * model, data or setting. Asked of work that is not done.
   */
  boolean hasAnother(Unit unit);

  /** Hears that a piece of work is under way. */
  default void begun(Unit unit) {}

  /** Takes down a result; it outlives the process when this returns. */
  void done(Unit unit, SampleOutcome outcome);

  /** Takes down an error; the work will be tried again. */
  void failed(Unit unit, String error);
}
