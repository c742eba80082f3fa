package dev.kvpress.compare.cli;

import static java.util.stream.Collectors.joining;

import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.attention.AttentionCapture;
import dev.kvpress.compare.attention.AttentionFile;
import dev.kvpress.compare.attention.AttentionRequest;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.report.Condition;
import dev.kvpress.compare.report.Gather;
import dev.kvpress.compare.report.RenderedReport;
import dev.kvpress.compare.report.ResultFiles;
import dev.kvpress.compare.report.ResultTable;
import dev.kvpress.compare.report.RunManifest;
import dev.kvpress.compare.report.RunResults;
import dev.kvpress.compare.report.WeightTable;
import dev.kvpress.compare.run.Assignment;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.PromptPreview;
import dev.kvpress.compare.run.PromptTexts;
import dev.kvpress.compare.run.ReferenceRun;
import dev.kvpress.compare.run.RunOutcome;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.run.WorkPlan;
import dev.kvpress.compare.run.plan.Difference;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A comparison whose options have been read.
 *
 * @param settings model, tasks and how to go about it
 * @param cells methods at their budgets
 * @param defaults of press parameters, for the provenance
 * @param seed for the provenance
 * @param folder where the files go
 * @param forkBudget most bytes of caches at once; empty: no bound
 * @param reference weights on which the full cache is run once more
 * @param program hash of the code that takes part
 * @param shard which part of the contexts is taken
 * @param crew processes that do the work; empty: this one alone does it
 */
record ComparisonJob(
    RunSettings settings,
    List<CellPlan> cells,
    PressDefaults defaults,
    int seed,
    Path folder,
    OptionalLong forkBudget,
    ReferenceWeights.Wish reference,
    String program,
    Shard shard,
    Optional<Crew> crew) {

  /** Says what would be done; nothing is written. */
  int plan(Console console, Consumer<String> notices) {
    Optional<Tokenizer> tokenizer = Tokenizers.find(settings.model());
    try (DecoderModel model = ModelOpening.open(settings.model(), settings.options(), notices);
        ProgressBar progress = ProgressBar.on(console, true, notices)) {
      List<Assignment> assignments =
          new Comparison(settings, cells, progress).prepare(model, tokenizer);
      WorkPlan.of(settings, cells, assignments, shard, model.cacheBytesPerToken())
          .lines()
          .forEach(console.out()::println);
      crew.ifPresent(own -> console.out().println(own.words()));
      PromptPreview preview = new PromptPreview(tokenizer);
      assignments.forEach(one -> preview.lines(one).forEach(console.out()::println));
    }
    return ExitCode.OK;
  }

  /**
   * Does it.
   *
   * @param quiet whether no progress is shown
   * @param fresh whether to forget what earlier runs have done
   * @param contexts whether the samples' contexts are written down too
   * @param heatmaps whose attention is drawn
   * @param conditions under which the results count as failed
   * @return the exit code
   */
  int run(
      Console console,
      Consumer<String> notices,
      boolean quiet,
      boolean fresh,
      boolean contexts,
      Optional<AttentionRequest> heatmaps,
      List<Condition> conditions) {
    Instant started = Instant.now();
    // Before the work, so that an unwritable folder does not cost a run.
    ResultFiles files = new ResultFiles(folder);
    Optional<Tokenizer> tokenizer = Tokenizers.find(settings.model());
    RunOutcome outcome;
    RunResults results;
    try (Journal journal = Journal.open(folder, fresh, notices);
        StopSignal stop = StopSignal.install(console, folder)) {
      List<Assignment> assignments;
      ModelWeights weights;
      RunPlan plan;
      PlanFiles planned;
      RunManifest manifest;
      try (DecoderModel model = ModelOpening.open(settings.model(), settings.options(), notices);
          ProgressBar progress = ProgressBar.on(console, quiet, notices)) {
        Comparison comparison = new Comparison(settings, cells, progress);
        assignments = comparison.prepare(model, tokenizer);
        requireMemory(WorkPlan.of(settings, cells, assignments, shard, model.cacheBytesPerToken()));
        weights = model.info().weights();
        Optional<AttentionCapture> attention =
            heatmaps.map(request -> new AttentionCapture(model, request));
        Work work = comparison.work(model, tokenizer, assignments, program, shard);
        manifest =
            new Manifest(settings, cells, defaults, seed, shard)
                .of(started, model, tokenizer, assignments)
                .onMachine(crew.map(Crew::facts).orElse(Map.of()));
        plan =
            work.plan(
                Basis.of(manifest, program),
                new ReferenceJob(settings, reference, progress).plan(weights));
        if (!fresh) {
          tellChanges(plan, notices);
        }
        if (!PlanFiles.isOf(folder, plan) && files.discard()) {
          notices.accept(
              "results and report of the earlier run in %s are taken away, since this one does something else%s"
                  .formatted(folder, fresh ? "" : "; its journal stays"));
        }
        planned = PlanFiles.write(folder, plan, work.samples(new PromptTexts(tokenizer, contexts)));
        if (!shard.takesAll()) {
          notices.accept(
              "shard %s takes %,d of %,d contexts%s"
                  .formatted(
                      shard,
                      work.contexts(),
                      plan.contexts(),
                      work.contexts() == 0 ? ": there is nothing to do" : ""));
        }
        outcome = run(work, journal, stop, notices);
        if (shard.takes(0)) {
          writeAttention(attention, assignments.get(0));
        }
      }
      try (ProgressBar progress = ProgressBar.on(console, quiet, notices)) {
        new ReferenceJob(settings, reference, progress)
            .run(
                plan,
                weights,
                new ReferenceRun(settings, cells, assignments, shard, progress),
                tokenizer,
                program,
                planned,
                journal,
                stop);
      }
      results = gather(journal, files);
      files.write(manifest);
    }
    // The page takes the files as they are: what was drawn now can be drawn again at any time.
    RenderedReport.write(folder, notices);
    console.out().print(ResultTable.of(results.rows()));
    console.out().print(WeightTable.of(results.weights()));
    if (!outcome.savings().isEmpty()) {
      notices.accept(outcome.savings());
    }
    notices.accept("results are in " + folder);
    if (!shard.takesAll()) {
      notices.accept(
          "these are the results of shard %s alone; compare merge joins all".formatted(shard));
    }
    return judge(console, results, conditions);
  }

  /** What an earlier run did on another basis is done anew; here is why. */
  private void tellChanges(RunPlan plan, Consumer<String> notices) {
    Map<String, String> before = PlanFiles.basis(folder);
    List<Difference> changes = Difference.of(before, plan.basis());
    if (!before.isEmpty() && !changes.isEmpty()) {
      notices.accept(
          "since the earlier run into %s: %s"
              .formatted(folder, changes.stream().map(Difference::change).collect(joining("; "))));
    }
  }

  private RunOutcome run(Work work, Journal journal, StopSignal stop, Consumer<String> notices) {
    if (crew.isEmpty()) {
      return work.run(journal, stop);
    }
    notices.accept(crew.get().words());
    int parts = settings.options().usedThreads();
    return work.run(journal, stop, crew.get().contexts(parts, work.digest()));
  }

  private RunResults gather(Journal journal, ResultFiles files) {
    try (PlannedRun run = PlannedRun.open(folder)) {
      return Gather.write(run, journal, files);
    }
  }

  private void requireMemory(WorkPlan plan) {
    int processes = crew.map(Crew::processes).orElse(1);
    long bytes = Math.multiplyExact(plan.cacheBytes(), (long) processes);
    if (bytes > forkBudget.orElse(Long.MAX_VALUE)) {
      throw new UsageException(
          List.of(
              "--fork-budget: expected at least the %,d bytes that the prefill, one compressed cache and its fork take for the longest context%s, found %,d; raise it or cut documents with --max-length"
                  .formatted(
                      bytes,
                      processes == 1 ? "" : " in each of %d workers".formatted(processes),
                      forkBudget.getAsLong())));
    }
  }

  private void writeAttention(Optional<AttentionCapture> attention, Assignment assignment) {
    Probe first = assignment.samples().probes().get(0);
    AttentionFile.write(
        folder,
        attention
            .map(
                capture -> capture.of(assignment.data(), first.sample(), first.context().toArray()))
            .orElse(List.of()));
  }

  /**
   * What a comparison ends with, and a line for each condition that it meets or that could not be
   * held against it.
   */
  static int judge(Console console, RunResults results, List<Condition> conditions) {
    List<String> missed =
        conditions.stream()
            .flatMap(
                condition ->
                    Stream.concat(
                        condition.violations(results).stream(), condition.unheld(results).stream()))
            .toList();
    missed.forEach(line -> console.note("--fail-if " + line));
    if (results.hasErrors()) {
      return ExitCode.PARTIAL;
    }
    return missed.isEmpty() ? ExitCode.OK : ExitCode.MISSED;
  }
}
