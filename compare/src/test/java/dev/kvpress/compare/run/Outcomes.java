package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Figure;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Outcomes made up for tests. */
public final class Outcomes {
  public static final PlannedTask PERPLEXITY = task(0, "perplexity", "texts.jsonl");
  public static final PlannedTask RECALL = task(1, "recall", "recall.jsonl");

  private Outcomes() {}

  private static PlannedTask task(int place, String name, String data) {
    return new PlannedTask(place, name, data, "text", 2, List.of());
  }

  public static SampleOutcome perplexity(
      int sample, int tokens, double nll, int compressed, double nllCompressed) {
    return new SampleOutcome(
        sample,
        Answer.of(
            tokens,
            Map.of(
                "nll",
                new Figure(nll, tokens),
                "nll_compressed",
                new Figure(nllCompressed, compressed))),
        new CacheFigures(0.5, 0.5, 2048, 4096, 5_000_000, 1, steps(sample)),
        3,
        compressed,
        Optional.empty(),
        List.of());
  }

  public static SampleOutcome recall(int sample, boolean right, Optional<KeepMap> map) {
    return new SampleOutcome(
        sample,
        Answer.of(
            3,
            Map.of("recall_accuracy", Figure.of(right ? 1 : 0)),
            right ? "the \"lamp\"" : "the\nhat",
            List.of("the \"lamp\"")),
        new CacheFigures(0.5, Double.NaN, 2048, 4096, 5_000_000, 1, StepTimes.NONE),
        -7,
        9,
        map,
        List.of());
  }

  public static SampleOutcome cache(double achieved, double requested, long hash) {
    return new SampleOutcome(
        0,
        Answer.of(10, Map.of("nll", new Figure(20, 10))),
        new CacheFigures(achieved, requested, 1, 1, 1, 1, StepTimes.NONE),
        hash,
        9,
        Optional.empty(),
        List.of());
  }

  /** Two turns of 2 ms behind the context of a sample, told from each other by 0.2 ms. */
  private static StepTimes steps(int sample) {
    return new StepTimes(List.of(1.9e6, 2.1e6), 6, "context " + sample);
  }
}
