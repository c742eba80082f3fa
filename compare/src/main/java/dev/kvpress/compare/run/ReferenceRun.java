package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The full cache once more on other weights, over the samples of the task perplexity. The model of
 * the run is closed by then: two of them need not fit the memory.
 */
public final class ReferenceRun {
  private final RunSettings settings;
  private final List<CellPlan> cells;
  private final List<Assignment> assignments;
  private final Shard shard;
  private final Progress progress;

  /**
   * Prepares it with what the run was made of.
   *
   * @param cells those that keep everything are run again
   * @param assignments those of the task perplexity are run again
   * @param shard which part of the contexts the run took
   */
  public ReferenceRun(
      RunSettings settings,
      List<CellPlan> cells,
      List<Assignment> assignments,
      Shard shard,
      Progress progress) {
    this.settings = settings;
    this.cells = List.copyOf(cells);
    this.assignments = List.copyOf(assignments);
    this.shard = shard;
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @param codeHash what tells versions of the program apart in the log
   * @param begun told what the keys of this run have in common, before it begins
   * @param log takes down finished work and knows that of earlier runs
   * @param stopped is asked between pieces of work
   * @throws dev.kvpress.runtime.ModelException if the model cannot be had on these weights
   * @throws StoppedException when told to stop
   */
  public void run(
      WeightFormat format,
      Optional<Tokenizer> tokenizer,
      String codeHash,
      Consumer<String> begun,
      WorkLog log,
      BooleanSupplier stopped) {
    RunSettings other = settings.withWeights(format);
    // Another name, so that the log does not take it for the run's own full cache done otherwise.
    List<CellPlan> plans =
        cells.stream()
            .filter(CellPlan::isBaseline)
            .distinct()
            .map(plan -> plan.named("%s on %s weights".formatted(plan.method(), format.label())))
            .toList();
    Progress prefixed = new Prefixed(format.label() + " weights: ", progress);
    try (DecoderModel model = DecoderModel.open(other.model(), other.options())) {
      Work work =
          new Comparison(other, plans, prefixed)
              .work(
                  model,
                  tokenizer,
                  assignments,
                  codeHash,
                  shard,
                  one -> one.task() instanceof PerplexityTask);
      begun.accept(work.common());
      work.run(log, stopped);
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
