package dev.kvpress.compare.scale.shard;

import dev.kvpress.compare.run.FinishedWork;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.scale.shard.JoinedRun.Owned;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done, missing and failed, by cell and by folder. */
final class Tally {
  private final List<CellCount> cells = new ArrayList<>();
  private final Map<RunFolder, Counts> folders = new LinkedHashMap<>();

  /**
   * Pieces of work.
   *
   * @param done with a result
   * @param missing that are still to be done
   * @param failed without a result
   * @param needless behind the failure of their cell, which has no result any more
   */
  record Counts(long done, long missing, long failed, long needless) {
    static final Counts NONE = new Counts(0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          done + other.done,
          missing + other.missing,
          failed + other.failed,
          needless + other.needless);
    }
  }

  /**
   * Those of a cell.
   *
   * @param task the task and its data
   * @param cell method and budget
   * @param counts pieces of work
   * @param error of the first that failed
   */
  record CellCount(PlannedTask task, String cell, Counts counts, Optional<String> error) {}

  private Tally() {}

  static Tally of(JoinedRun run) {
    Tally tally = new Tally();
    run.folders().forEach(folder -> tally.folders.put(folder, Counts.NONE));
    @Nullable PlannedReference reference = run.plan().reference();
    for (PlannedTask task : run.plan().tasks()) {
      List<Owned> samples = run.samples(task);
      for (CellFacts cell : run.plan().cells()) {
        tally.add(task, cell, cell.describe(), samples, task.samples() - samples.size(), false);
      }
      if (reference != null && task.task().equals(PerplexityTask.PERPLEXITY)) {
        List<Owned> again = samples.stream().filter(one -> one.folder().runsReference()).toList();
        run.plan().cells().stream()
            .filter(CellFacts::baseline)
            .forEach(
                cell ->
                    tally.add(
                        task,
                        cell,
                        "%s on %s weights".formatted(cell.method(), reference.reference()),
                        again,
                        0,
                        true));
      }
    }
    return tally;
  }

  /**
   * Counts a cell.
   *
   * @param absent samples that no folder has
   */
  private void add(
      PlannedTask task,
      CellFacts cell,
      String name,
      List<Owned> samples,
      int absent,
      boolean reference) {
    List<Owned> open = new ArrayList<>();
    Map<RunFolder, PlannedSample> failures = new LinkedHashMap<>();
    @Nullable Owned first = null;
    long done = 0;
    long failed = 0;
    for (Owned owned : samples) {
      Optional<String> key = owned.folder().key(owned.sample(), cell, reference);
      if (key.filter(owned.folder().journal()::isDone).isPresent()) {
        done++;
        count(owned.folder(), new Counts(1, 0, 0, 0));
      } else if (key.filter(owned.folder().journal()::isFailed).isPresent()) {
        failed++;
        count(owned.folder(), new Counts(0, 0, 1, 0));
        failures.merge(
            owned.folder(),
            owned.sample(),
            (one, other) -> PlannedSample.SCHEDULE.compare(one, other) <= 0 ? one : other);
        if (first == null || PlannedSample.SCHEDULE.compare(owned.sample(), first.sample()) < 0) {
          first = owned;
        }
      } else {
        open.add(owned);
      }
    }
    long needless = 0;
    for (Owned owned : open) {
      needless += isBehind(owned, first == null ? null : first.sample()) ? 1 : 0;
      boolean here = isBehind(owned, failures.get(owned.folder()));
      count(owned.folder(), here ? new Counts(0, 0, 0, 1) : new Counts(0, 1, 0, 0));
    }
    long missing = open.size() - needless + absent;
    cells.add(
        new CellCount(
            task,
            name,
            new Counts(done, missing, failed, needless),
            Optional.ofNullable(first).flatMap(owned -> error(owned, cell, reference))));
  }

  private static boolean isBehind(Owned owned, @Nullable PlannedSample failure) {
    return failure != null && PlannedSample.SCHEDULE.compare(failure, owned.sample()) < 0;
  }

  private static Optional<String> error(Owned owned, CellFacts cell, boolean reference) {
    return owned
        .folder()
        .key(owned.sample(), cell, reference)
        .flatMap(owned.folder().journal()::entry)
        .flatMap(FinishedWork.Entry::error);
  }

  private void count(RunFolder folder, Counts more) {
    folders.merge(folder, more, Counts::plus);
  }

  List<CellCount> cells() {
    return cells;
  }

  Map<RunFolder, Counts> folders() {
    return folders;
  }

  /** All cells together. */
  Counts together() {
    return cells.stream().map(CellCount::counts).reduce(Counts.NONE, Counts::plus);
  }
}
