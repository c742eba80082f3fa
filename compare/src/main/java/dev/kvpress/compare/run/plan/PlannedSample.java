package dev.kvpress.compare.run.plan;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sample of a task, as far as reports ask for it.
 *
 * @param task place of its task among those of the run
 * @param sample index in file order, from 0
 * @param context place of its context in the whole schedule, from 0
 * @param content hash of everything its answers depend on beside model, settings and cell
 * @param contextTokens tokens of the context
 * @param depth percent of the context before what is asked for; null where it is not known
 */
public record PlannedSample(
    int task, int sample, int context, String content, int contextTokens, @Nullable Double depth) {
  /** In which work is done: by context, in one context by sample. */
  public static final Comparator<PlannedSample> SCHEDULE =
      Comparator.comparingInt(PlannedSample::context).thenComparingInt(PlannedSample::sample);

  /** The hash must be there. */
  public PlannedSample {
    requireNonNull(content, "content");
  }

  /**
   * What was asked, for people.
   *
   * @param question text behind the context; null where nothing is asked
   * @param context text of the context; null unless asked for
   * @param tokens text of each token of the context; null for samples without a keep map
   */
  public record Texts(
      @Nullable String question, @Nullable String context, @Nullable List<String> tokens) {}
}
