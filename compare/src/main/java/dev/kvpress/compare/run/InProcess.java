package dev.kvpress.compare.run;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.Schedule.Asking;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Goes through contexts on a model of this process. In the prefill protocol a context is prefilled
 * once for all cells and tasks and compressed once for each cell; cells come one after the other,
 * so that beside the prefill there is one compressed cache and one fork of it at a time. Only what
 * measures time goes through the cells in turn, which compresses anew for each turn.
 */
final class InProcess {
  // Steps are timed on a few contexts only: they cost passes that serve nothing else.
  private static final int TIMED_CONTEXTS = 3;
  private static final int FEWEST_ROUNDS = 2;
  private static final int LEAST_TURNS = 4;
  private static final int WARM_UP_STEPS = 8;

  private final RunSettings settings;
  private final DecoderModel model;
  private final List<CellPlan> cells;
  private final int contexts;
  private final Set<Signal> signals;
  private final Optional<Remark> beyondTrained;

  /** Tells measurements of this run from those of earlier ones, and of other processes. */
  private final String session = UUID.randomUUID().toString();

  private boolean warm;

  /**
   * Prepares; no graph is loaded yet.
   *
   * @param schedule all contexts, by which it is decided what is timed
   */
  InProcess(RunSettings settings, DecoderModel model, List<CellPlan> cells, Schedule schedule) {
    this.settings = settings;
    this.model = model;
    this.cells = cells;
    this.contexts = schedule.contexts().size();
    // Of all cells, also of those that are done: which graph runs may depend on it.
    this.signals = Signal.union(cells.stream().map(cell -> cell.press().needs()).toList());
    this.beyondTrained = beyondTrained(schedule);
  }

  /** That a text is longer than trained; said once, and of every cell whose tokens stand there. */
  Optional<Remark> beyondTrained() {
    return beyondTrained;
  }

  /**
   * Goes through a context.
   *
   * @throws StoppedException when told to stop
   */
  void run(OpenContext context, RunLedger ledger) {
    if (context.todo().isEmpty()) {
      return;
    }
    if (!warm) {
      warmUp(context.ids(), ledger);
      warm = true;
    }
    String group = session + " " + context.place();
    int prefills =
        settings.protocol() == Protocol.PREFILL
            ? prefill(context, ledger, group)
            : stream(context, ledger, group);
    ledger.prefilled(prefills);
  }

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

  /** Turns in which steps are timed behind a context: more of them where there are few contexts. */
  private static int rounds(int place, int contexts) {
    int timed = Math.min(TIMED_CONTEXTS, contexts);
    return place < timed ? Math.max(FEWEST_ROUNDS, (LEAST_TURNS + timed - 1) / timed) : 0;
  }

  private int prefill(OpenContext context, RunLedger ledger, String group) {
    List<Todo> todo = context.todo();
    int rounds = rounds(context.place(), contexts);
    try (SharedPrefill shared =
        new SharedPrefill(model, signals, context.ids(), settings.chunkSize())) {
      List<CellPlan> open = todo.stream().map(Todo::cell).distinct().toList();
      ContextTimes times =
          new ContextTimes(shared, open, rounds, group, cell -> begin(context, cell, ledger));
      for (CellPlan cell : cells) {
        try (CompressedOnce compressed = new CompressedOnce(shared, cell, times)) {
          for (Todo one : todo) {
            if (one.cell() == cell && !one.isRepeated()) {
              ask(context, one, new PrefillTurn(shared, compressed, cell), ledger);
            }
          }
        }
      }
      List<CompressedOnce> opened = new ArrayList<>();
      try {
        askInTurn(
            context,
            ledger,
            one -> {
              CompressedOnce own = new CompressedOnce(shared, one.cell(), times);
              opened.add(own);
              return new PrefillTurn(shared, own, one.cell());
            });
      } finally {
        opened.forEach(CompressedOnce::close);
      }
      return shared.wasNeeded() ? 1 : 0;
    }
  }

  private int stream(OpenContext context, RunLedger ledger, String group) {
    Function<Todo, RecordedTurn> turns =
        one ->
            new StreamingTurn(
                model, one.cell(), context.ids(), settings.chunkSize(), one.isMapped(), group);
    for (Todo one : context.todo()) {
      if (!one.isRepeated()) {
        ask(context, one, turns.apply(one), ledger);
      }
    }
    askInTurn(context, ledger, turns);
    return context.todo().size();
  }

  /** The first piece of a cell that is not done yet stands for what is done for all of them. */
  private static void begin(OpenContext context, CellPlan cell, RunLedger ledger) {
    context.open().filter(todo -> todo.cell() == cell).findFirst().ifPresent(ledger::begin);
  }

  private void ask(OpenContext context, Todo todo, RecordedTurn turn, RunLedger ledger) {
    requireGoingOn(ledger);
    settle(
        context,
        todo,
        ledger,
        () -> {
          ledger.begin(todo);
          return outcome(todo, todo.asking().probe().ask(turn), turn);
        });
  }

  /** Those probes that measure time: all cells in turn, round by round. */
  private void askInTurn(
      OpenContext context, RunLedger ledger, Function<Todo, RecordedTurn> turns) {
    Map<Asking, Map<CellPlan, Todo>> byProbe = new LinkedHashMap<>();
    for (Todo one : context.todo()) {
      if (one.isRepeated() && !ledger.isBehindFailure(one)) {
        byProbe.computeIfAbsent(one.asking(), asking -> new LinkedHashMap<>()).put(one.cell(), one);
      }
    }
    byProbe.forEach(
        (asking, own) ->
            Rounds.ask(
                    asking.probe(),
                    List.copyOf(own.keySet()),
                    cell -> {
                      Todo one = requireNonNull(own.get(cell));
                      ledger.begin(one);
                      return turns.apply(one);
                    },
                    () -> requireGoingOn(ledger))
                .forEach(
                    (cell, rounds) -> {
                      Todo one = requireNonNull(own.get(cell));
                      settle(
                          context, one, ledger, () -> outcome(one, rounds.answer(), rounds.turn()));
                    }));
  }

  private static void requireGoingOn(RunLedger ledger) {
    if (ledger.isStopped()) {
      throw ledger.stop();
    }
  }

  /** Takes down what a piece of work gives, or why it gives nothing. */
  private static void settle(
      OpenContext context, Todo todo, RunLedger ledger, Supplier<SampleOutcome> work) {
    if (ledger.isBehindFailure(todo)) {
      ledger.skip(context, todo);
      return;
    }
    SampleOutcome outcome;
    try {
      outcome = work.get();
    } catch (RuntimeException e) {
      int sample = todo.asking().probe().sample();
      ledger.failed(context, todo.key(), Failures.describe(sample, e), "");
      return;
    }
    ledger.done(context, todo.key(), outcome, "");
  }

  private SampleOutcome outcome(Todo todo, Answer answer, RecordedTurn turn) {
    return new SampleOutcome(
        todo.asking().probe().sample(),
        answer,
        turn.figures(),
        turn.trace().logitsHash(),
        turn.trace().tokens(),
        todo.isMapped() ? turn.keepMap() : Optional.empty(),
        remarks(todo, turn));
  }

  /** Loads the graphs before anything is timed: else the first sample and cell would pay for it. */
  private void warmUp(ImmutableIntArray ids, RunLedger ledger) {
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
      ledger.notice("warming up failed: " + String.valueOf(e.getMessage()));
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
