package dev.kvpress.compare.run;

import java.util.List;

/** Goes through contexts, in this process or in others. */
public interface ContextExecutor {

  /** Takes what becomes of the work; all calls come from the thread that runs the executor. */
  interface Sink {
    /** Keys of a context's work that is still to be done, without what stands behind a failure. */
    List<String> openKeys(OpenContext context);

    /**
     * A piece of work went through. What was taken before, or is none of the context's, is passed
     * over.
     *
     * @param by who did it, for a status line; empty if there is but one
     */
    void done(OpenContext context, String key, SampleOutcome outcome, String by);

    /**
     * A piece of work has failed.
     *
     * @param error as it is reported
     * @param by who did it, for a status line; empty if there is but one
     */
    void failed(OpenContext context, String key, String error, String by);

    /** A piece of work of a context will not be done. */
    void giveUp(OpenContext context, String key, String reason);

    /** What is still to be done of a context will not be. */
    void giveUp(OpenContext context, String reason);

    /** A context is through. */
    void prefilled(int prefills);

    /** Whether the user has asked to stop. */
    boolean isStopped();

    /** What says how far it is, to be thrown. */
    StoppedException stop();

    /** A remark for the user. */
    void notice(String text);
  }

  /**
   * Goes through contexts, in their order as far as there is one.
   *
   * @throws StoppedException when told to stop
   */
  void run(List<OpenContext> contexts, Sink sink);
}
