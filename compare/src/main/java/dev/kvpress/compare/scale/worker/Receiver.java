package dev.kvpress.compare.scale.worker;

/** Takes what workers give; all calls come from the thread that runs the pool. */
public interface Receiver {
  /**
   * A piece of work was done, or has failed.
   *
   * @param worker which one says so, from 0
   * @param line {@link Line#DONE} or {@link Line#FAILED}
   */
  void take(int worker, Line line);

  /** A context is through. */
  void finished(Line.Finished context);

  /** A piece of work of a context will not be done. */
  void giveUp(Portion portion, String key, String reason);

  /** What is still to be done of a context will not be. */
  void giveUp(Portion portion, String reason);

  /** A remark for the user. */
  void note(String text);
}
