package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.journal.JournalText;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.run.CacheFigures;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.StepTimes;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.run.WorkLog.Unit;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.compare.task.RecallTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A run that never was: plan and journal as a comparison leaves them, with figures that are drawn.
 * Each context is asked by the tasks perplexity and recall. The figures of a piece of work depend
 * on nothing but it and the seed, so that shards and the whole have the same.
 *
 * @param cells methods at their budgets, at least one: the baseline, then half a token's scores at
 *     ever larger ratios
 * @param contexts in all
 * @param seed of what is drawn
 * @param failEvery every so manieth cell fails, at a context of its own; 0: none
 */
public record SyntheticRun(int cells, int contexts, long seed, int failEvery) {
  private static final int CONTEXT_TOKENS = 1024;
  private static final int CONTINUATION = 256;
  private static final long CACHE_BYTES = 4L << 20;
  private static final int NANOS = 1_000_000;
  private static final int TIMED_CONTEXTS = 3;

  /** Checks the ranges. */
  public SyntheticRun {
    checkArgument(cells >= 1 && contexts >= 1, "expected cells and contexts, found none");
    checkArgument(failEvery >= 0, "expected 0 or more, found %s", failEvery);
  }

  /** Lines of the journal of the whole, failures left out. */
  public long rows() {
    return 2L * cells * contexts;
  }

  /** The plan of a shard. */
  public RunPlan plan(Shard shard) {
    return new RunPlan(
        Map.of("code", "synthetic", "setting: seed", String.valueOf(seed)),
        "synthetic " + seed,
        shard,
        false,
        contexts,
        null,
        null,
        IntStream.range(0, cells).mapToObj(this::cell).toList(),
        List.of(
            task(0, PerplexityTask.PERPLEXITY, "texts.jsonl"), task(1, "recall", "facts.jsonl")));
  }

  private PlannedTask task(int place, String name, String data) {
    return new PlannedTask(place, name, data, "synthetic", contexts, List.of());
  }

  private CellFacts cell(int place) {
    boolean baseline = place == 0;
    double ratio = (double) place / cells;
    return new CellFacts(
        baseline ? "baseline" : "knorm",
        baseline ? "baseline" : "knorm",
        "compression_ratio=" + ratio,
        ratio,
        null,
        "true",
        null,
        baseline,
        false,
        !baseline,
        false,
        false,
        false,
        false);
  }

  /**
   * Writes plan and journal of a shard; lines are not synced one by one.
   *
   * @param folder is made if need be
   */
  public void write(Path folder, Shard shard) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
    RunPlan plan = plan(shard);
    PlanFiles.write(
        folder,
        plan,
        plan.tasks().stream()
            .flatMap(
                task ->
                    taken(shard).stream()
                        .map(
                            context ->
                                new Work.Described(sample(task, context), texts(task, context)))));
    WholeFile.write(
        folder.resolve(Journal.FILE), writer -> writeJournal(plan, taken(shard), writer));
  }

  private Set<Integer> taken(Shard shard) {
    Set<Integer> taken = new LinkedHashSet<>();
    for (int context = 0; context < contexts; context++) {
      if (shard.takes(context)) {
        taken.add(context);
      }
    }
    return taken;
  }

  private static PlannedSample sample(PlannedTask task, int context) {
    return new PlannedSample(
        task.place(),
        context,
        context,
        Hashing.sha256().hashString(task.task() + context, StandardCharsets.UTF_8).toString(),
        CONTEXT_TOKENS,
        null);
  }

  private static PlannedSample.Texts texts(PlannedTask task, int context) {
    return new PlannedSample.Texts(
        task.place() == 0 ? null : "Who sang in the house of number " + context + "?", null, null);
  }

  private void writeJournal(RunPlan plan, Set<Integer> taken, Writer writer) throws IOException {
    for (int context : taken) {
      for (int c = 0; c < cells; c++) {
        CellFacts cell = plan.cells().get(c);
        for (PlannedTask task : plan.tasks()) {
          PlannedSample sample = sample(task, context);
          Unit unit = new Unit(plan.key(sample, cell), cell.describe(), task.task(), context);
          int failure = failure(c);
          if (context == failure) {
            writer.write(
                JournalText.of(unit, "sample %d: it went wrong".formatted(context)) + "\n");
          } else if (context < failure || !taken.contains(failure)) {
            // Behind its failure a cell is not asked any more.
            writer.write(JournalText.of(unit, outcome(task, c, context)) + "\n");
          }
        }
      }
    }
  }

  /** The context at which a cell fails; none if it does not. */
  private int failure(int cell) {
    return failEvery > 0 && cell > 0 && cell % failEvery == 0 ? cell % contexts : Integer.MAX_VALUE;
  }

  private SampleOutcome outcome(PlannedTask task, int cell, int context) {
    Random random = new Random(seed ^ (31L * (31L * (31L * task.place() + cell) + context)));
    double ratio = (double) cell / cells;
    Answer answer = task.place() == 0 ? perplexity(random, ratio) : recall(random, ratio);
    StepTimes times =
        context < TIMED_CONTEXTS
            ? new StepTimes(
                List.of(NANOS * (2 - ratio), NANOS * (2.1 - ratio)), 12, "synthetic " + context)
            : StepTimes.NONE;
    long kept = Math.round(CACHE_BYTES * (1 - ratio));
    return new SampleOutcome(
        context,
        answer,
        new CacheFigures(ratio, ratio, kept, kept, 40 * NANOS, NANOS, times),
        31L * cell + context,
        CONTINUATION,
        Optional.empty(),
        List.of());
  }

  private static Answer perplexity(Random random, double ratio) {
    double nll = 2 + ratio + 0.2 * random.nextGaussian();
    return Answer.of(
        CONTINUATION,
        Map.of(
            PerplexityTask.NLL,
            new Figure(nll * CONTINUATION, CONTINUATION),
            PerplexityTask.NLL_COMPRESSED,
            new Figure((nll + 0.01) * (CONTINUATION - 1), CONTINUATION - 1)));
  }

  private static Answer recall(Random random, double ratio) {
    boolean right = random.nextDouble() > ratio / 2;
    return Answer.of(
        3,
        Map.of(RecallTask.RECALL_ACCURACY, Figure.of(right ? 1 : 0)),
        right ? "the lamp" : "the hat",
        List.of("the lamp"));
  }
}
