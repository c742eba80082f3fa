package dev.kvpress.compare.report;

import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.run.WorkLog.Unit;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.runtime.Remark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Results of made-up cells, by the way that those of runs take: through a plan and a journal. */
final class GatheredCells {
  private GatheredCells() {}

  static List<CellRow> rows(List<CellOutcome> cells) {
    try {
      Path folder = Files.createTempDirectory("gathered");
      return write(folder.resolve("run"), cells, folder.resolve("results")).rows();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RunResults write(Path run, List<CellOutcome> cells, Path results) throws IOException {
    Files.createDirectories(run);
    List<PlannedTask> tasks = new ArrayList<>();
    for (CellOutcome cell : cells) {
      if (tasks.stream().noneMatch(task -> task.task().equals(cell.task().task()))) {
        PlannedTask own = cell.task();
        tasks.add(new PlannedTask(tasks.size(), own.task(), own.data(), own.shape(), 2, List.of()));
      }
    }
    List<CellFacts> facts = cells.stream().map(CellOutcome::cell).distinct().toList();
    RunPlan plan = new RunPlan(Map.of(), "common", Shard.WHOLE, false, 2, null, null, facts, tasks);
    List<PlannedSample> samples =
        tasks.stream()
            .flatMap(
                task ->
                    IntStream.range(0, 2)
                        .mapToObj(
                            i ->
                                new PlannedSample(
                                    task.place(), i, i, task.task() + " " + i, 3, null)))
            .toList();
    Stream<Work.Described> described =
        samples.stream()
            .map(sample -> new Work.Described(sample, new PlannedSample.Texts(null, null, null)));
    PlanFiles.write(run, plan, described);
    try (Journal journal = Journal.open(run, true, notice -> {});
        PlannedRun planned = PlannedRun.open(run)) {
      for (CellOutcome cell : cells) {
        for (PlannedSample sample : samples) {
          if (tasks.get(sample.task()).task().equals(cell.task().task())) {
            take(journal, cell, sample, plan.key(sample, cell.cell()));
          }
        }
      }
      return Gather.write(planned, journal, new ResultFiles(results));
    }
  }

  private static void take(Journal journal, CellOutcome cell, PlannedSample sample, String key) {
    Unit unit = new Unit(key, cell.cell().describe(), cell.task().task(), sample.sample());
    if (cell.error().isPresent()) {
      journal.failed(unit, cell.error().get());
    }
    for (SampleOutcome outcome : cell.samples()) {
      if (outcome.sample() == sample.sample()) {
        journal.done(unit, own(cell, outcome));
      }
    }
  }

  /** With logits that are those of its cell alone, and what the cell has to say as its remarks. */
  private static SampleOutcome own(CellOutcome cell, SampleOutcome outcome) {
    return new SampleOutcome(
        outcome.sample(),
        outcome.answer(),
        outcome.cache(),
        cell.cell().spec().hashCode(),
        outcome.passedTokens(),
        outcome.keepMap(),
        cell.warnings().stream().map(Remark::onFigures).toList());
  }
}
