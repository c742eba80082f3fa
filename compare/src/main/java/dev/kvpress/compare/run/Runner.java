package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.Schedule.Asking;
import dev.kvpress.compare.run.Schedule.SharedContext;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Takes all cells through all probes, context by context. In the prefill protocol a context is
 * prefilled once for all cells and tasks and compressed once for each cell; cells come one after
 * the other, so that beside the prefill there is one compressed cache and one fork of it at a time.
 */
final class Runner {
  // Steps are timed on a few contexts only: they cost passes that serve nothing else.
  private static final int TIMED_CONTEXTS = 3;
  // Keep maps of a few samples are enough to look at.
  private static final int MAPPED_SAMPLES = 2;
  private static final int MOST_MAPPED_TOKENS = 16_384;
  private static final int WARM_UP_STEPS = 8;

  private final RunSettings settings;
  private final DecoderModel model;
  private final List<CellPlan> cells;
  private final WorkKeys keys;
  private final WorkLog log;
  private final Progress progress;
  private final BooleanSupplier stopped;
  private final Set<Signal> signals;
  private final CellCollector collector;
  private int done;
  private int total;
  private int resumed;
  private int changed;
  private int prefills;

  Runner(
      RunSettings settings,
      DecoderModel model,
      List<CellPlan> cells,
      List<Assignment> assignments,
      WorkKeys keys,
      WorkLog log,
      Progress progress,
      BooleanSupplier stopped) {
    this.settings = settings;
    this.model = model;
    this.cells = cells;
    this.keys = keys;
    this.log = log;
    this.progress = progress;
    this.stopped = stopped;
    // Of all cells, also of those that are done: which graph runs may depend on it.
    this.signals = Signal.union(cells.stream().map(cell -> cell.press().needs()).toList());
    this.collector = new CellCollector(assignments, cells, progress);
  }

  /** One cell on one probe that is still to be done. */
  private record Todo(CellPlan cell, Asking asking, String key) {
    WorkLog.Unit unit() {
      return new WorkLog.Unit(
          key, cell.describe(), asking.assignment().task().name(), asking.probe().sample());
    }
  }

  RunOutcome run(Schedule schedule) {
    total = schedule.probes() * cells.size();
    List<List<Todo>> todo = new ArrayList<>();
    for (SharedContext context : schedule.contexts()) {
      todo.add(open(context));
    }
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
    boolean warm = false;
    for (int c = 0; c < todo.size(); c++) {
      if (!todo.get(c).isEmpty()) {
        SharedContext context = schedule.contexts().get(c);
        if (!warm) {
          warmUp(context.ids());
          warm = true;
        }
        if (settings.protocol() == Protocol.PREFILL) {
          prefill(context, todo.get(c), c < TIMED_CONTEXTS);
        } else {
          stream(context, todo.get(c));
        }
      }
    }
    return new RunOutcome(collector.outcomes(), total, resumed, prefills);
  }

  /** What an earlier run has left to do. */
  private List<Todo> open(SharedContext context) {
    List<Todo> todo = new ArrayList<>();
    List<String> probeKeys =
        context.probes().stream()
            .map(asking -> keys.ofProbe(asking.assignment(), asking.probe()))
            .toList();
    for (CellPlan cell : cells) {
      for (int p = 0; p < probeKeys.size(); p++) {
        Asking asking = context.probes().get(p);
        String key = WorkKeys.of(probeKeys.get(p), cell);
        Optional<SampleOutcome> before = log.find(key);
        if (before.isPresent()) {
          collector.add(asking.assignment(), cell, before.get());
          resumed++;
          done++;
        } else {
          Todo own = new Todo(cell, asking, key);
          todo.add(own);
          changed += log.hasAnother(own.unit()) ? 1 : 0;
        }
      }
    }
    return todo;
  }

  private void prefill(SharedContext context, List<Todo> todo, boolean timed) {
    try (SharedPrefill shared =
        new SharedPrefill(model, signals, context.ids(), settings.chunkSize())) {
      for (CellPlan cell : cells) {
        Consumer<List<String>> notices = texts -> collector.notices(cell, texts);
        try (CompressedOnce compressed = new CompressedOnce(shared, cell, timed, notices)) {
          for (Todo one : todo) {
            if (one.cell() == cell) {
              ask(one, new PrefillTurn(shared, compressed, cell, notices));
            }
          }
        }
      }
      prefills += shared.wasNeeded() ? 1 : 0;
    }
  }

  private void stream(SharedContext context, List<Todo> todo) {
    for (Todo one : todo) {
      ask(
          one,
          new StreamingTurn(
              model,
              one.cell(),
              context.ids(),
              settings.chunkSize(),
              isMapped(one),
              texts -> collector.notices(one.cell(), texts)));
      prefills++;
    }
  }

  private void ask(Todo todo, RecordedTurn turn) {
    if (stopped.getAsBoolean()) {
      throw new StoppedException(done, total);
    }
    Assignment assignment = todo.asking().assignment();
    WorkLog.Unit unit = todo.unit();
    if (!collector.hasFailed(assignment, todo.cell())) {
      SampleOutcome outcome = null;
      try {
        outcome = outcome(todo, turn);
      } catch (RuntimeException e) {
        log.failed(unit, collector.fail(assignment, todo.cell(), unit.sample(), e));
      }
      if (outcome != null) {
        collector.add(assignment, todo.cell(), outcome);
        log.done(unit, outcome);
      }
    }
    progress.step(++done, total, unit.task() + " " + unit.sample() + " " + todo.cell().describe());
  }

  private SampleOutcome outcome(Todo todo, RecordedTurn turn) {
    Answer answer = todo.asking().probe().ask(turn);
    return new SampleOutcome(
        todo.asking().probe().sample(),
        answer,
        turn.figures(),
        turn.trace().logitsHash(),
        turn.trace().tokens(),
        isMapped(todo) ? turn.keepMap() : Optional.empty());
  }

  private static boolean isMapped(Todo todo) {
    return todo.asking().place() < MAPPED_SAMPLES
        && todo.asking().probe().context().length() <= MOST_MAPPED_TOKENS
        && !todo.cell().isBaseline();
  }

  /** Loads the graphs before anything is timed: else the first sample and cell would pay for it. */
  private void warmUp(ImmutableIntArray ids) {
    if (settings.protocol() == Protocol.STREAMING) {
      return;
    }
    // One token more than the last pass holds, so that there is a pass before it too.
    int enough = Math.max(settings.chunkSize(), Signal.rowWindow(signals)) + 1;
    ImmutableIntArray start = ids.subArray(0, Math.min(ids.length(), enough));
    try (Context context = model.start(1, signals).allowFused(0)) {
      context.prefill(start.toArray(), settings.chunkSize());
      try (Context clock = context.fork().stopObserving().avoidFused()) {
        StepClock.median(clock, ids, Math.min(WARM_UP_STEPS, positionsLeft(clock)));
      }
    } catch (RuntimeException e) {
      // The cells meet the same fault and report it each for itself.
      progress.notice("warming up failed: " + String.valueOf(e.getMessage()));
    }
  }

  private int positionsLeft(Context context) {
    return model.info().maxPositions().orElse(Integer.MAX_VALUE) - context.nextPosition(0);
  }
}
