package dev.kvpress.recipe.train;

import java.util.List;

/**
 * What is read when: short rows first, where recall and copying are dense, the longest last.
 *
 * @param phases in order
 */
record Curriculum(List<Phase> phases) {

  /**
   * A stretch of steps with one kind of batch.
   *
   * @param steps updates
   * @param rows B
   * @param length tokens of a row
   * @param stories share of rows that begin a story
   * @param recall share of recall documents
   * @param rivals share of recall documents whose facts differ only in the name; the rest are copy
   *     documents
   * @param firstRate learning rate at the beginning of the phase
   * @param lastRate learning rate at its end; linear in between
   */
  record Phase(
      int steps,
      int rows,
      int length,
      double stories,
      double recall,
      double rivals,
      double firstRate,
      double lastRate) {
    Phase {
      if (steps < 1 || rows < 1 || length < 16) {
        throw new IllegalArgumentException("a phase needs steps, rows and at least 16 tokens");
      }
      if (stories < 0 || recall < 0 || rivals < 0 || stories + recall + rivals > 1) {
        throw new IllegalArgumentException("shares must be positive and at most 1 together");
      }
    }
  }

  Curriculum {
    phases = List.copyOf(phases);
  }

  static Curriculum demo() {
    return new Curriculum(
        List.of(
            new Phase(50, 16, 129, 0.2, 0.5, 0, 1e-4, 2e-3),
            new Phase(850, 16, 129, 0.2, 0.5, 0, 2e-3, 2e-3),
            new Phase(400, 8, 257, 0.4, 0.45, 0, 2e-3, 16e-3 / 9),
            // Facts of one relation about many names: until here the name was hardly needed.
            new Phase(300, 8, 257, 0.25, 0.15, 0.5, 16e-3 / 9, 5e-3 / 3),
            new Phase(250, 4, 513, 0.4, 0.15, 0.35, 5e-3 / 3, 25e-3 / 21),
            new Phase(150, 2, 1025, 0.4, 0.2, 0.35, 25e-3 / 21, 9e-4),
            new Phase(50, 1, 2305, 0.35, 0.25, 0.4, 9e-4, 59e-5 / 0.9),
            new Phase(180, 1, 2305, 0.3, 0.2, 0.5, 59e-5 / 0.9, 2e-5)));
  }

  int steps() {
    return phases.stream().mapToInt(Phase::steps).sum();
  }

  /** Tokens predicted from the first step to the last. */
  long tokens() {
    return phases.stream().mapToLong(p -> (long) p.steps() * p.rows() * (p.length() - 1)).sum();
  }

  /** The phase of step {@code step}, from 1. */
  Phase at(int step) {
    return phases.get(index(step));
  }

  double rate(int step) {
    int begin = 0;
    for (int i = 0; i < index(step); i++) {
      begin += phases.get(i).steps();
    }
    Phase phase = at(step);
    double done = (double) (step - begin) / phase.steps();
    return phase.firstRate() + (phase.lastRate() - phase.firstRate()) * done;
  }

  private int index(int step) {
    int end = 0;
    for (int i = 0; i < phases.size(); i++) {
      end += phases.get(i).steps();
      if (step <= end) {
        return i;
      }
    }
    throw new IllegalArgumentException("step " + step + " is beyond the last, " + end);
  }
}
