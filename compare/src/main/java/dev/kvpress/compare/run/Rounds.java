package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Probe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks a probe that measures time: all cells in turn, round by round, each round beginning with
 * another cell, so that what slows the machine for a while slows all of them.
 */
final class Rounds {
  private final Probe probe;
  private final List<Answer> answers = new ArrayList<>();
  private @Nullable RecordedTurn last;
  private @Nullable RuntimeException fault;

  private Rounds(Probe probe) {
    this.probe = probe;
  }

  /**
   * Asks.
   *
   * @param turns gives a cell a turn of its own in each round
   * @param before runs before each turn; what it throws ends everything
   */
  static Map<CellPlan, Rounds> ask(
      Probe probe, List<CellPlan> cells, Function<CellPlan, RecordedTurn> turns, Runnable before) {
    Map<CellPlan, Rounds> all = new LinkedHashMap<>();
    cells.forEach(cell -> all.put(cell, new Rounds(probe)));
    for (int round = 0; round < probe.rounds(); round++) {
      for (int place = 0; place < cells.size(); place++) {
        CellPlan cell = cells.get((place + round) % cells.size());
        Rounds own = all.get(cell);
        if (own != null && own.fault == null) {
          before.run();
          own.ask(turns.apply(cell));
        }
      }
    }
    return all;
  }

  private void ask(RecordedTurn turn) {
    try {
      answers.add(probe.ask(turn));
      last = turn;
    } catch (RuntimeException e) {
      fault = e;
    }
  }

  /** What all rounds together say; throws what a round threw. */
  Answer answer() {
    if (fault != null) {
      throw fault;
    }
    return probe.join(answers);
  }

  /** The turn of the last round. */
  RecordedTurn turn() {
    if (last == null) {
      throw new IllegalStateException("no round has gone through");
    }
    return last;
  }
}
