package dev.kvpress.runtime.graph.kernels;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Nodes of one operator that cannot run on a provider, for one reason.
 *
 * @param operator name of the operator, with its domain unless that is the standard one
 * @param reason why, as a part of a sentence
 * @param nodes what the nodes are called, in the order of the graph; at least one
 */
public record Fallback(String operator, String reason, List<String> nodes) {
  /** Checks that there is something to tell, and keeps a copy. */
  public Fallback {
    requireNonNull(operator, "operator is null");
    requireNonNull(reason, "reason is null");
    nodes = List.copyOf(nodes);
    checkArgument(!nodes.isEmpty(), "there is no node of operator %s", operator);
  }

  @Override
  public String toString() {
    return "%s (%d %s): %s"
        .formatted(operator, nodes.size(), nodes.size() == 1 ? "node" : "nodes", reason);
  }
}
