package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A pair of input and output that carries state of a layer from pass to pass but is no KV cache,
 * such as {@code past_conv.0} → {@code present_conv.0}.
 *
 * @param past name of the input
 * @param present name of the output that is fed back into it
 * @param type element type of both
 * @param shape shape of the input; −1 for a dimension that the graph leaves open (the first one is
 *     the batch)
 */
public record StatePorts(String past, String present, ElementType type, List<Long> shape) {

  /** Takes a copy of the sizes and checks that every name is there. */
  public StatePorts {
    requireNonNull(past, "past is null");
    requireNonNull(present, "present is null");
    requireNonNull(type, "type is null");
    shape = List.copyOf(shape);
  }
}
