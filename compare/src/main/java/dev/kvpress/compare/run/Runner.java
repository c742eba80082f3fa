package dev.kvpress.compare.run;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.Schedule.Asking;
import dev.kvpress.compare.run.Schedule.SharedContext;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Takes all cells through all probes, context by context. In the prefill protocol a context is
 * prefilled once for all cells and tasks and compressed once for each cell; cells come one after
 * the other, so that beside the prefill there is one compressed cache and one fork of it at a time.
 * Only what measures time goes through the cells in turn, which compresses anew for each turn.
 */
final class Runner {
  // Steps are timed on a few contexts only: they cost passes that serve nothing else.
  private static final int TIMED_CONTEXTS = 3;
  private static final int FEWEST_ROUNDS = 2;
  private static final int LEAST_TURNS = 4;
  private static final int WARM_UP_STEPS = 8;

  private final RunSettings settings;
  private final DecoderModel model;
  private final List<CellPlan> cells;
  private final String common;
  private final WorkLog log;
  private final Progress progress;
  private final BooleanSupplier stopped;
  private final Set<Signal> signals;
  private final Failures failures = new Failures();
  private final Set<String> said = new LinkedHashSet<>();
  private Optional<Remark> beyondTrained = Optional.empty();

  /** Tells measurements of this run from those of earlier ones. */
  private final String session = UUID.randomUUID().toString();

  private int done;
  private int total;
  private int resumed;
  private int changed;
  private int prefills;

  Runner(
      RunSettings settings,
      DecoderModel model,
      List<CellPlan> cells,
      String common,
      WorkLog log,
      Progress progress,
      BooleanSupplier stopped) {
    this.settings = settings;
    this.model = model;
    this.cells = cells;
    this.common = common;
    this.log = log;
    this.progress = progress;
    this.stopped = stopped;
    // Of all cells, also of those that are done: which graph runs may depend on it.
    this.signals = Signal.union(cells.stream().map(cell -> cell.press().needs()).toList());
  }

  /** One cell on one probe that is still to be done. */
  private record Todo(CellPlan cell, Asking asking, int context, String key) {
    boolean isRepeated() {
      return asking.probe().rounds() > 1;
    }

    WorkLog.Unit unit() {
      return new WorkLog.Unit(
          key, cell.describe(), asking.assignment().task().name(), asking.probe().sample());
    }
  }

  /** Does what a shard takes of a schedule. */
  RunOutcome run(Schedule schedule, Shard shard) {
    List<SharedContext> contexts = schedule.of(shard);
    total = Schedule.probes(contexts) * cells.size();
    beyondTrained = beyondTrained(schedule);
    say(beyondTrained.stream().toList());
    List<List<Todo>> todo = new ArrayList<>();
    for (SharedContext context : contexts) {
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
        SharedContext context = contexts.get(c);
        if (!warm) {
          warmUp(context.ids());
          warm = true;
        }
        String group = session + " " + context.place();
        if (settings.protocol() == Protocol.PREFILL) {
          int rounds = rounds(context.place(), schedule.contexts().size());
          prefill(context, todo.get(c), group, rounds);
        } else {
          stream(context, todo.get(c), group);
        }
      }
    }
    return new RunOutcome(total, resumed, prefills);
  }

  /** Says remarks when they first come. */
  private void say(List<Remark> remarks) {
    remarks.stream().map(Remark::text).filter(said::add).forEach(progress::notice);
  }

  /** Said once, and of every cell whose tokens stand there: that a text is longer than trained. */
  private Optional<Remark> beyondTrained(Schedule schedule) {
    int longest =
        schedule.contexts().stream()
            .flatMap(context -> context.probes().stream())
            .mapToInt(asking -> asking.probe().positions())
            .max()
            .orElse(0);
    return cells.stream().anyMatch(cell -> cell.positions() == Positions.TRUE)
        ? model.beyondTrained(Positions.TRUE, longest)
        : Optional.empty();
  }

  private List<Remark> remarks(Todo todo, RecordedTurn turn) {
    int positions = todo.asking().probe().positions();
    boolean beyond =
        todo.cell().positions() == Positions.TRUE
            && model.beyondTrained(Positions.TRUE, positions).isPresent();
    return beyond
        ? Stream.concat(turn.remarks().stream(), beyondTrained.stream()).toList()
        : turn.remarks();
  }

  /** What an earlier run has left to do. */
  private List<Todo> open(SharedContext context) {
    List<Todo> todo = new ArrayList<>();
    List<String> contents =
        context.probes().stream()
            .map(asking -> WorkKeys.content(asking.assignment(), asking.probe()))
            .toList();
    for (CellPlan cell : cells) {
      CellFacts facts = cell.facts();
      for (int p = 0; p < contents.size(); p++) {
        Asking asking = context.probes().get(p);
        String key = RunPlan.key(common, contents.get(p), facts);
        if (log.isDone(key)) {
          resumed++;
          done++;
        } else {
          Todo own = new Todo(cell, asking, context.place(), key);
          todo.add(own);
          changed += log.hasAnother(own.unit()) ? 1 : 0;
        }
      }
    }
    return todo;
  }

  /** Turns in which steps are timed behind a context: more of them where there are few contexts. */
  private static int rounds(int place, int contexts) {
    int timed = Math.min(TIMED_CONTEXTS, contexts);
    return place < timed ? Math.max(FEWEST_ROUNDS, (LEAST_TURNS + timed - 1) / timed) : 0;
  }

  private void prefill(SharedContext context, List<Todo> todo, String group, int rounds) {
    try (SharedPrefill shared =
        new SharedPrefill(model, signals, context.ids(), settings.chunkSize())) {
      List<CellPlan> open = todo.stream().map(Todo::cell).distinct().toList();
      ContextTimes times = new ContextTimes(shared, open, rounds, group);
      for (CellPlan cell : cells) {
        try (CompressedOnce compressed = new CompressedOnce(shared, cell, times)) {
          for (Todo one : todo) {
            if (one.cell() == cell && !one.isRepeated()) {
              ask(one, new PrefillTurn(shared, compressed, cell));
            }
          }
        }
      }
      List<CompressedOnce> opened = new ArrayList<>();
      try {
        askInTurn(
            todo,
            one -> {
              CompressedOnce own = new CompressedOnce(shared, one.cell(), times);
              opened.add(own);
              return new PrefillTurn(shared, own, one.cell());
            });
      } finally {
        opened.forEach(CompressedOnce::close);
      }
      prefills += shared.wasNeeded() ? 1 : 0;
    }
  }

  private void stream(SharedContext context, List<Todo> todo, String group) {
    Function<Todo, RecordedTurn> turns =
        one ->
            new StreamingTurn(
                model, one.cell(), context.ids(), settings.chunkSize(), isMapped(one), group);
    for (Todo one : todo) {
      if (!one.isRepeated()) {
        ask(one, turns.apply(one));
      }
    }
    askInTurn(todo, turns);
    prefills += todo.size();
  }

  private void ask(Todo todo, RecordedTurn turn) {
    requireGoingOn();
    settle(todo, () -> outcome(todo, todo.asking().probe().ask(turn), turn));
  }

  /** Those probes that measure time: all cells in turn, round by round. */
  private void askInTurn(List<Todo> todo, Function<Todo, RecordedTurn> turns) {
    Map<Asking, Map<CellPlan, Todo>> byProbe = new LinkedHashMap<>();
    for (Todo one : todo) {
      if (one.isRepeated() && !isBehindFailure(one)) {
        byProbe.computeIfAbsent(one.asking(), asking -> new LinkedHashMap<>()).put(one.cell(), one);
      }
    }
    byProbe.forEach(
        (asking, own) ->
            Rounds.ask(
                    asking.probe(),
                    List.copyOf(own.keySet()),
                    cell -> turns.apply(requireNonNull(own.get(cell))),
                    this::requireGoingOn)
                .forEach(
                    (cell, rounds) -> {
                      Todo one = requireNonNull(own.get(cell));
                      settle(one, () -> outcome(one, rounds.answer(), rounds.turn()));
                    }));
  }

  private void requireGoingOn() {
    if (stopped.getAsBoolean()) {
      throw new StoppedException(done, total);
    }
  }

  private boolean isBehindFailure(Todo todo) {
    return failures.standBefore(
        todo.asking().task(), todo.cell(), todo.context(), todo.asking().probe().sample());
  }

  /** Takes down what a piece of work gives, or why it gives nothing. */
  private void settle(Todo todo, Supplier<SampleOutcome> work) {
    WorkLog.Unit unit = todo.unit();
    if (!isBehindFailure(todo)) {
      SampleOutcome outcome = null;
      try {
        outcome = work.get();
      } catch (RuntimeException e) {
        failures.add(todo.asking().task(), todo.cell(), todo.context(), unit.sample());
        log.failed(unit, Failures.describe(unit.sample(), e));
      }
      if (outcome != null) {
        say(outcome.remarks());
        log.done(unit, outcome);
      }
    }
    progress.step(++done, total, unit.task() + " " + unit.sample() + " " + todo.cell().describe());
  }

  private SampleOutcome outcome(Todo todo, Answer answer, RecordedTurn turn) {
    return new SampleOutcome(
        todo.asking().probe().sample(),
        answer,
        turn.figures(),
        turn.trace().logitsHash(),
        turn.trace().tokens(),
        isMapped(todo) ? turn.keepMap() : Optional.empty(),
        remarks(todo, turn));
  }

  private static boolean isMapped(Todo todo) {
    return todo.asking().isMapped() && !todo.cell().isBaseline();
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
      for (CellPlan cell : cells) {
        if (cell.press().readsAgain()) {
          try (Context again = context.fork()) {
            new Cutting(cell, remark -> {}).afterPrefill(again);
          }
        }
      }
      warmUpSteps(context.fork(), ids);
      Stream<CacheFormat> formats =
          cells.stream().flatMap(cell -> cell.press().cacheFormat().stream()).distinct();
      formats.forEach(format -> warmUpSteps(context.fork().keepIn(format), ids));
    } catch (RuntimeException e) {
      // The cells meet the same fault and report it each for itself.
      progress.notice("warming up failed: " + String.valueOf(e.getMessage()));
    }
  }

  private void warmUpSteps(Context fork, ImmutableIntArray ids) {
    try (Context steps = fork.stopObserving().avoidFused()) {
      for (int i = 0; i < Math.min(WARM_UP_STEPS, positionsLeft(steps)); i++) {
        steps.forward(ids.get(i % ids.length()));
      }
    }
  }

  private int positionsLeft(Context context) {
    return model.info().maxPositions().orElse(Integer.MAX_VALUE) - context.nextPosition(0);
  }
}
