package dev.kvpress.compare.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The work of a comparison: all its cells over the contexts that a shard takes. */
public final class Work {
  private final RunSettings settings;
  private final DecoderModel model;
  private final List<CellPlan> cells;
  private final List<Assignment> assignments;
  private final String common;
  private final Shard shard;
  private final Progress progress;
  private final Schedule schedule;

  Work(
      RunSettings settings,
      DecoderModel model,
      List<CellPlan> cells,
      List<Assignment> assignments,
      String common,
      Schedule schedule,
      Shard shard,
      Progress progress) {
    this.settings = settings;
    this.model = model;
    this.cells = List.copyOf(cells);
    this.assignments = List.copyOf(assignments);
    this.common = common;
    this.shard = shard;
    this.progress = progress;
    this.schedule = schedule;
  }

  /** What the keys of all its work have in common. */
  public String common() {
    return common;
  }

  /** Contexts that it takes. */
  public int contexts() {
    return schedule.of(shard).size();
  }

  /**
   * The plan.
   *
   * @param basis what the results rest on, by name
   * @param reference the full cache on other weights
   */
  public RunPlan plan(Map<String, String> basis, Optional<PlannedReference> reference) {
    List<PlannedTask> tasks = new ArrayList<>();
    for (int i = 0; i < assignments.size(); i++) {
      tasks.add(assignments.get(i).planned(i));
    }
    return new RunPlan(
        basis,
        common,
        shard,
        false,
        schedule.contexts().size(),
        model.widestWindow().isPresent() ? model.widestWindow().getAsInt() : null,
        reference.orElse(null),
        cells.stream().map(CellPlan::facts).toList(),
        tasks);
  }

  /**
   * A sample with its texts.
   *
   * @param sample what reports ask of it
   * @param texts what was asked
   */
  public record Described(PlannedSample sample, PlannedSample.Texts texts) {}

  /** The samples that it takes, task by task, in each in file order. */
  public Stream<Described> samples(PromptTexts texts) {
    boolean maps = cells.stream().anyMatch(cell -> !cell.isBaseline());
    return schedule.of(shard).stream()
        .flatMap(context -> context.probes().stream().map(asking -> planned(context, asking)))
        .sorted(
            (one, other) ->
                one.asking().task() == other.asking().task()
                    ? Integer.compare(one.asking().place(), other.asking().place())
                    : Integer.compare(one.asking().task(), other.asking().task()))
        .map(
            own ->
                new Described(
                    own.sample(), texts.of(own.asking().probe(), maps && own.asking().isMapped())));
  }

  private record Own(PlannedSample sample, Schedule.Asking asking) {}

  private static Own planned(Schedule.SharedContext context, Schedule.Asking asking) {
    return new Own(
        new PlannedSample(
            asking.task(),
            asking.probe().sample(),
            context.place(),
            WorkKeys.content(asking.assignment(), asking.probe()),
            context.ids().length(),
            asking.probe().depth().isPresent()
                ? Double.valueOf(asking.probe().depth().getAsDouble())
                : null),
        asking);
  }

  /**
   * Does it in this process.
   *
   * @param log takes down finished work and knows that of earlier runs
   * @param stopped is asked between pieces of work
   * @throws StoppedException when told to stop
   */
  public RunOutcome run(WorkLog log, BooleanSupplier stopped) {
    InProcess own = new InProcess(settings, model, cells, schedule);
    RunLedger ledger = new RunLedger(log, progress, stopped);
    return run(
        log,
        own,
        ledger,
        (contexts, sink) -> contexts.forEach(context -> own.run(context, ledger)));
  }

  /** The same by others: the model of this process is asked for nothing. */
  public RunOutcome run(WorkLog log, BooleanSupplier stopped, ContextExecutor executor) {
    InProcess own = new InProcess(settings, model, cells, schedule);
    return run(log, own, new RunLedger(log, progress, stopped), executor);
  }

  private RunOutcome run(WorkLog log, InProcess own, RunLedger ledger, ContextExecutor executor) {
    return new Runner(cells, common, log, progress, ledger)
        .run(schedule.of(shard), own.beyondTrained().stream().toList(), executor);
  }

  /**
   * For a process that is told which contexts to go through.
   *
   * @param log takes what is done
   * @param stopped is asked between pieces of work
   */
  public Piecework pieces(WorkLog log, BooleanSupplier stopped) {
    return new Piecework(
        schedule,
        cells,
        common,
        new InProcess(settings, model, cells, schedule),
        new RunLedger(log, progress, stopped));
  }

  /** Tells whether two processes have prepared the same work: a hash of all of it. */
  public String digest() {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(common, UTF_8);
    for (CellPlan cell : cells) {
      // Of any content: what tells the cells apart.
      hasher.putString(RunPlan.key(common, "", cell.facts()), UTF_8);
    }
    for (Schedule.SharedContext context : schedule.contexts()) {
      hasher.putInt(context.place());
      for (Schedule.Asking asking : context.probes()) {
        hasher.putInt(asking.task());
        hasher.putString(WorkKeys.content(asking.assignment(), asking.probe()), UTF_8);
      }
    }
    return hasher.hash().toString();
  }
}
