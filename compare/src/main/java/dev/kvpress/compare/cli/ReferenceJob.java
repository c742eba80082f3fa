package dev.kvpress.compare.cli;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.ReferenceRun;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.WorkLog;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the format of the weights costs the full cache, so that nobody blames a press.
 *
 * @param settings of the run
 * @param wish what the user wants to hold it against
 * @param progress hears how far it is
 */
record ReferenceJob(RunSettings settings, ReferenceWeights.Wish wish, Progress progress) {
  /**
   * What will be held against what.
   *
   * @param weights of the run
   * @return empty where weights cost nothing
   */
  Optional<PlannedReference> plan(ModelWeights weights) {
    return choose(weights)
        .map(
            chosen -> {
              PlannedReference planned = PlannedReference.pending(weights.label(), chosen.label());
              return chosen.missing().map(planned::without).orElse(planned);
            });
  }

  private Optional<ReferenceWeights> choose(ModelWeights weights) {
    return ReferenceWeights.choose(
        weights, ModelWeights.sizes(settings.model()), wish, MachineMemory.find());
  }

  /**
   * Runs what has to be run. Whatever hinders it is told in the plan and ends nothing: the run
   * itself went through.
   *
   * @param plan of the run, whose model is closed
   * @param weights of the run
   * @param run does the rest
   * @param program hash of the code that takes part
   * @param files where the plan is written before anything runs
   */
  void run(
      RunPlan plan,
      ModelWeights weights,
      ReferenceRun run,
      Optional<Tokenizer> tokenizer,
      String program,
      PlanFiles files,
      WorkLog log,
      BooleanSupplier stopped) {
    @Nullable PlannedReference planned = plan.reference();
    Optional<WeightFormat> format = choose(weights).flatMap(ReferenceWeights::format);
    if (planned == null) {
      return;
    }
    if (plan.tasks().stream().noneMatch(task -> task.known() instanceof PerplexityTask)) {
      progress.notice(
          "what %s weights cost by themselves is told by the task perplexity, which is not among --tasks"
              .formatted(weights.label()));
      return;
    }
    if (format.isEmpty()) {
      return;
    }
    try {
      run.run(
          format.get(),
          tokenizer,
          program,
          common -> files.replace(plan.with(planned.begun(common))),
          log,
          stopped);
    } catch (ModelException e) {
      files.replace(plan.with(planned.without(String.valueOf(e.getMessage()))));
    }
  }
}
