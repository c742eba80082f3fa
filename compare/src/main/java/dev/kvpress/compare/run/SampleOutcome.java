package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Answer;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.runtime.Remark;
import java.util.List;
import java.util.Optional;

/**
 * What one sample gave in one cell.
 *
 * @param sample index in file order, from 0
 * @param answer what the task made of it
 * @param cache what compressing its context gave and cost
 * @param logitsHash hash of all logits behind the compression
 * @param passedTokens tokens that passed behind the compression
 * @param keepMap which tokens were kept; empty for all but a few samples
 * @param remarks what the press had to say
 */
public record SampleOutcome(
    int sample,
    Answer answer,
    CacheFigures cache,
    long logitsHash,
    long passedTokens,
    Optional<KeepMap> keepMap,
    List<Remark> remarks) {
  /** Takes a copy. */
  public SampleOutcome {
    remarks = List.copyOf(remarks);
  }

  /** A figure of the answer. */
  public Optional<Figure> figure(String name) {
    return Optional.ofNullable(answer.figures().get(name));
  }

  /** The values of a series of the answer; empty where it has none. */
  public List<Double> series(String name) {
    return answer.series().getOrDefault(name, List.of());
  }
}
