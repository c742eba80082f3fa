package dev.kvpress.compare.run;

/** Is told how far a comparison has come. */
public interface Progress {
  /** Tells nobody. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String what, long steps) {}

        @Override
        public void step() {}

        @Override
        public void end() {}
      };

  /** Something with a known number of steps begins. */
  void begin(String what, long steps);

  /** One step is done. */
  void step();

  /** It is over. */
  void end();
}
