package dev.kvpress.compare.run;

/** Hears how far a comparison is. */
public interface Progress {
  /** Says nothing. */
  Progress SILENT =
      new Progress() {
        @Override
        public void step(int done, int total, String what) {}

        @Override
        public void notice(String text) {}
      };

  /**
   * One more unit of work is done.
   *
   * @param what sample and method, for a status line
   */
  void step(int done, int total, String what);

  /** A remark for the user that is worth a line. */
  void notice(String text);
}
