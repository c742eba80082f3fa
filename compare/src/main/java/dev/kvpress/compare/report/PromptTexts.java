package dev.kvpress.compare.report;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.Assignment;
import dev.kvpress.compare.task.Probe;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What was asked, as text; each decoded once for all methods. */
public final class PromptTexts {
  private final Optional<Tokenizer> tokenizer;
  private final boolean withContexts;
  private final Map<ImmutableIntArray, String> known = new HashMap<>();
  private final Map<Assignment, Map<Integer, Probe>> probes = new HashMap<>();

  /**
   * Texts of one run.
   *
   * @param tokenizer without one there are no texts
   * @param withContexts whether contexts are given too; they are long
   */
  public PromptTexts(Optional<Tokenizer> tokenizer, boolean withContexts) {
    this.tokenizer = tokenizer;
    this.withContexts = withContexts;
  }

  /** The context of a sample, where contexts are asked for. */
  Optional<String> context(Assignment assignment, int sample) {
    return withContexts
        ? probe(assignment, sample).flatMap(p -> text(p.context()))
        : Optional.empty();
  }

  /** What is passed behind the context of a sample. */
  Optional<String> question(Assignment assignment, int sample) {
    return probe(assignment, sample).flatMap(p -> text(p.asked()));
  }

  /** What was asked. */
  Optional<Probe> probe(Assignment assignment, int sample) {
    Map<Integer, Probe> own =
        probes.computeIfAbsent(
            assignment,
            a -> {
              Map<Integer, Probe> byIndex = new HashMap<>();
              a.samples().probes().forEach(probe -> byIndex.put(probe.sample(), probe));
              return byIndex;
            });
    return Optional.ofNullable(own.get(sample));
  }

  private Optional<String> text(ImmutableIntArray ids) {
    return ids.isEmpty()
        ? Optional.empty()
        : tokenizer.map(t -> known.computeIfAbsent(ids, own -> t.decode(own.toArray()).strip()));
  }
}
