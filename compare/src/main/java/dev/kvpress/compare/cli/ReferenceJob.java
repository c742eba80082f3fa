package dev.kvpress.compare.cli;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.compare.report.WeightCosts;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.ReferenceRun;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.WorkLog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Finds out what the format of the weights costs the full cache, so that nobody blames a press.
 *
 * @param settings of the run
 * @param wish what the user wants to hold it against
 * @param progress hears how far it is
 */
record ReferenceJob(RunSettings settings, ReferenceWeights.Wish wish, Progress progress) {
  /**
   * Runs what has to be run. Whatever hinders it is told in the entries and ends nothing: the run
   * itself went through.
   *
   * @param cells of the run, whose model is closed
   * @param weights of the run
   * @param program hash of the code that takes part
   * @return one entry for each data file of the task perplexity; empty where weights cost nothing
   */
  List<WeightCost> costs(
      List<CellOutcome> cells,
      ModelWeights weights,
      Optional<Tokenizer> tokenizer,
      String program,
      WorkLog log,
      BooleanSupplier stopped) {
    Optional<ReferenceWeights> chosen =
        ReferenceWeights.choose(
            weights, ModelWeights.sizes(settings.model()), wish, MachineMemory.find());
    if (chosen.isEmpty()) {
      return List.of();
    }
    ReferenceWeights reference = chosen.get();
    List<WeightCost> unknown =
        WeightCosts.missing(
            cells, weights.label(), reference.label(), reference.missing().orElse(""));
    if (unknown.isEmpty()) {
      progress.notice(
          "what %s weights cost by themselves is told by the task perplexity, which is not among --tasks"
              .formatted(weights.label()));
    }
    if (unknown.isEmpty() || reference.format().isEmpty()) {
      return unknown;
    }
    WeightFormat format = reference.format().get();
    try {
      List<CellOutcome> others =
          new ReferenceRun(settings, progress).run(format, tokenizer, cells, program, log, stopped);
      return WeightCosts.of(cells, weights.label(), others, reference.label());
    } catch (ModelException e) {
      return WeightCosts.missing(
          cells, weights.label(), reference.label(), String.valueOf(e.getMessage()));
    }
  }
}
