package dev.kvpress.compare.run;

import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The full cache once more on other weights, over the samples of the task perplexity. The model of
 * the run is closed by then: two of them need not fit the memory.
 */
public final class ReferenceRun {
  private final RunSettings settings;
  private final Progress progress;

  /** Prepares it with the settings of the run. */
  public ReferenceRun(RunSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @param cells of the run; those of the task perplexity that keep everything are run again
   * @param codeHash what tells versions of the program apart in the log
   * @param log takes down finished work and gives back that of earlier runs
   * @param stopped is asked between pieces of work
   * @throws dev.kvpress.runtime.ModelException if the model cannot be had on these weights
   * @throws StoppedException when told to stop
   */
  public List<CellOutcome> run(
      WeightFormat format,
      Optional<Tokenizer> tokenizer,
      List<CellOutcome> cells,
      String codeHash,
      WorkLog log,
      BooleanSupplier stopped) {
    RunSettings other = settings.withWeights(format);
    List<CellOutcome> again =
        cells.stream()
            .filter(cell -> cell.plan().isBaseline())
            .filter(cell -> cell.assignment().task() instanceof PerplexityTask)
            .toList();
    List<Assignment> assignments = again.stream().map(CellOutcome::assignment).distinct().toList();
    // Another name, so that the log does not take it for the run's own full cache done otherwise.
    List<CellPlan> plans =
        again.stream()
            .map(CellOutcome::plan)
            .distinct()
            .map(plan -> plan.named("%s on %s weights".formatted(plan.method(), format.label())))
            .toList();
    Progress prefixed = new Prefixed(format.label() + " weights: ", progress);
    try (DecoderModel model = DecoderModel.open(other.model(), other.options())) {
      return new Comparison(other, plans, prefixed)
          .run(model, tokenizer, assignments, codeHash, log, stopped)
          .cells();
    }
  }

  /** Says of every remark which run it is of. */
  private record Prefixed(String prefix, Progress progress) implements Progress {
    @Override
    public void step(int done, int total, String what) {
      progress.step(done, total, what);
    }

    @Override
    public void notice(String text) {
      progress.notice(prefix + text);
    }
  }
}
