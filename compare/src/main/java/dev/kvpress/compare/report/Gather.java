package dev.kvpress.compare.report;

import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.metric.Draws;
import dev.kvpress.compare.report.ResultFiles.Lines;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.FinishedWork;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.TaskCells;
import dev.kvpress.compare.run.TokenTime;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the results of a run from its plan and its journal, and from nothing else: whoever did the
 * work, in however many processes, the results are made here. It goes task by task and cell by
 * cell, so that besides the cell under way only baselines are in memory.
 */
public final class Gather {
  private final PlannedRun run;
  private final FinishedWork work;
  private final ResultFiles files;
  private final List<CellRow> rows = new ArrayList<>();
  private final List<CellFacts> cells = new ArrayList<>();
  private final List<WeightCost> weights = new ArrayList<>();
  private final MetricNames metrics = new MetricNames();
  private final Set<TextKey> texts = new HashSet<>();
  private final Draws draws = CellMetrics.draws();

  /** Names a row of texts.jsonl. */
  private record TextKey(String task, String data, int sample) {}

  private Gather(PlannedRun run, FinishedWork work, ResultFiles files) {
    this.run = run;
    this.work = work;
    this.files = files;
  }

  /**
   * Writes results.json, results.csv, samples.jsonl, maps.jsonl and texts.jsonl.
   *
   * @param run what was to be done
   * @param work what became of it
   * @param files where they go
   * @return what results.json says
   * @throws java.io.UncheckedIOException if they cannot be written
   */
  public static RunResults write(PlannedRun run, FinishedWork work, ResultFiles files) {
    return new Gather(run, work, files).write();
  }

  private RunResults write() {
    files.lines(
        "samples.jsonl",
        sampleRows ->
            files.lines(
                "maps.jsonl",
                mapRows ->
                    files.lines(
                        "texts.jsonl",
                        textRows ->
                            run.plan()
                                .tasks()
                                .forEach(task -> task(task, sampleRows, mapRows, textRows)))));
    RunResults results = new RunResults(rows, cells, weights);
    files.write(results, metrics);
    return results;
  }

  private void task(PlannedTask task, Lines sampleRows, Lines mapRows, Lines textRows) {
    Map<Integer, PlannedSample> samples = new HashMap<>();
    run.samples(task).forEach(sample -> samples.put(sample.sample(), sample));
    TaskCells outcomes = new TaskCells(run.plan(), task, run.samples(task), work);
    Optional<CellOutcome> base = outcomes.base();
    List<CellRow> own = new ArrayList<>();
    List<TokenTime.Raw> times = new ArrayList<>();
    Set<Integer> mapped = new HashSet<>();
    for (CellFacts cell : run.plan().cells()) {
      CellOutcome outcome = outcomes.of(cell);
      own.add(CellRow.of(outcome, base, draws));
      cells.add(cell);
      times.add(TokenTime.Raw.of(outcome));
      metrics.add(outcome);
      weigh(outcome, outcomes);
      if (outcome.error().isEmpty()) {
        for (SampleOutcome sample : outcome.samples()) {
          PlannedSample planned = samples.get(sample.sample());
          if (planned != null) {
            sampleRows.add(SampleRow.of(outcome, sample, planned, run.texts(planned)));
          }
          sample
              .keepMap()
              .ifPresent(
                  map -> {
                    mapRows.add(MapRow.of(outcome, sample, map));
                    mapped.add(sample.sample());
                  });
        }
      }
    }
    List<Optional<TokenTime>> known = TokenTime.of(times);
    for (int i = 0; i < own.size(); i++) {
      CellRow row = own.get(i);
      rows.add(known.get(i).map(row::with).orElse(row));
    }
    for (PlannedSample sample : run.samples(task)) {
      if (mapped.contains(sample.sample())) {
        text(task, sample).ifPresent(textRows::add);
      }
    }
  }

  private void weigh(CellOutcome outcome, TaskCells outcomes) {
    @Nullable PlannedReference reference = run.plan().reference();
    if (reference != null
        && outcome.cell().baseline()
        && outcome.task().task().equals(PerplexityTask.PERPLEXITY)) {
      weights.add(
          WeightCosts.of(
              outcome, reference, common -> outcomes.reference(outcome.cell(), common), draws));
    }
  }

  /** The tokens of a sample's context, once for each name under which reports look for them. */
  private Optional<TextRow> text(PlannedTask task, PlannedSample sample) {
    @Nullable List<String> tokens = run.texts(sample).tokens();
    return tokens != null && texts.add(new TextKey(task.task(), task.data(), sample.sample()))
        ? Optional.of(new TextRow(task.task(), task.data(), sample.sample(), tokens))
        : Optional.empty();
  }
}
