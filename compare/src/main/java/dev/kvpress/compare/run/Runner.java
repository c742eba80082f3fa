package dev.kvpress.compare.run;

import dev.kvpress.compare.run.Schedule.SharedContext;
import dev.kvpress.runtime.Remark;
import java.util.ArrayList;
import java.util.List;

/** Takes all cells through all probes, context by context, as far as earlier runs have not. */
final class Runner {
  private final List<CellPlan> cells;
  private final String common;
  private final WorkLog log;
  private final Progress progress;
  private final RunLedger ledger;
  private int resumed;
  private int changed;

  Runner(List<CellPlan> cells, String common, WorkLog log, Progress progress, RunLedger ledger) {
    this.cells = cells;
    this.common = common;
    this.log = log;
    this.progress = progress;
    this.ledger = ledger;
  }

  /**
   * Does it.
   *
   * @param remarks to be said before
   * @throws StoppedException when told to stop
   */
  RunOutcome run(List<SharedContext> contexts, List<Remark> remarks, ContextExecutor executor) {
    int total = Schedule.probes(contexts) * cells.size();
    ledger.say(remarks);
    List<OpenContext> open = new ArrayList<>();
    for (SharedContext context : contexts) {
      OpenContext own = open(context);
      if (!own.todo().isEmpty()) {
        open.add(own);
      }
    }
    ledger.begin(resumed, total);
    if (resumed > 0) {
      progress.notice(
          "resumed %d of %d cells (a cell is one method and budget on one sample); --fresh starts over"
              .formatted(resumed, total));
    }
    if (changed > 0) {
      progress.notice(
          "%d of %d cells were done by an earlier run into this folder, but not with the same program, model, data (its shape and columns too), prompts and settings; they are done anew"
              .formatted(changed, total));
    }
    executor.run(open, ledger);
    return new RunOutcome(total, resumed, ledger.prefills());
  }

  /** What earlier runs have left to do. */
  private OpenContext open(SharedContext context) {
    OpenContext open = OpenContext.of(context, cells, common, key -> !isResumed(key));
    open.todo().forEach(own -> changed += log.hasAnother(own.unit()) ? 1 : 0);
    return open;
  }

  private boolean isResumed(String key) {
    boolean done = log.isDone(key);
    resumed += done ? 1 : 0;
    return done;
  }
}
