package dev.kvpress.compare.run;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Work of a process that is told, context by context, what to do. */
public final class Piecework {
  private final Map<Integer, Schedule.SharedContext> contexts = new HashMap<>();
  private final List<CellPlan> cells;
  private final String common;
  private final InProcess process;
  private final RunLedger ledger;

  Piecework(
      Schedule schedule, List<CellPlan> cells, String common, InProcess process, RunLedger ledger) {
    schedule.contexts().forEach(context -> contexts.put(context.place(), context));
    this.cells = cells;
    this.common = common;
    this.process = process;
    this.ledger = ledger;
  }

  /**
   * Goes through a context.
   *
   * @param place in the schedule
   * @param keys of the work that is wanted
   * @return prefills that it took
   * @throws IllegalArgumentException if there is no such context
   * @throws StoppedException when told to stop
   */
  public int run(int place, Collection<String> keys) {
    Schedule.SharedContext context = contexts.get(place);
    if (context == null) {
      throw new IllegalArgumentException("no context %d in this schedule".formatted(place));
    }
    int before = ledger.prefills();
    process.run(OpenContext.of(context, cells, common, Set.copyOf(keys)::contains), ledger);
    return ledger.prefills() - before;
  }
}
