package dev.kvpress.runtime.graph;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was recognised in a graph, for people.
 *
 * @param form how it computes attention
 * @param opset version of the standard operators
 * @param precision how closely it computes
 * @param dialect peculiarities that were translated, in words; often empty
 * @param operators layers by the fused operator that was written out for them, in words
 * @param traced layers whose attention was found
 * @param layers layers with a cache, L
 * @param untraced why the attention of a layer was not found; empty where all were
 * @param unprunable why tokens cannot be removed by an edit of the graph; empty where they can
 */
public record GraphFindings(
    AttentionForm form,
    long opset,
    GraphPrecision precision,
    List<String> dialect,
    Map<String, List<Integer>> operators,
    int traced,
    int layers,
    Optional<String> untraced,
    Optional<String> unprunable) {
  /** Checks counts and keeps copies. */
  public GraphFindings {
    requireNonNull(form, "form is null");
    requireNonNull(precision, "precision is null");
    dialect = List.copyOf(dialect);
    operators = Map.copyOf(operators);
    checkArgument(
        traced >= 0 && traced <= layers, "traced must be in [0, %s], found %s", layers, traced);
    requireNonNull(untraced, "untraced is null");
    requireNonNull(unprunable, "unprunable is null");
  }
}
