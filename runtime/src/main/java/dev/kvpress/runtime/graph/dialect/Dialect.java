package dev.kvpress.runtime.graph.dialect;

import dev.kvpress.runtime.graph.GraphEdit;
import java.util.Optional;

/**
 * A way in which other tools write decoders that is not the plain one, and how it becomes plain:
 * {@code input_ids}, {@code attention_mask} and {@code position_ids}, keys and values {@code
 * [B,G,P,D]} of each layer as inputs and {@code [B,G,P+Q,D]} as outputs, and nothing else.
 */
interface Dialect {
  /**
   * Takes this peculiarity out of a graph.
   *
   * @param ports inputs and outputs as they are before
   * @param edit the graph to be changed; untouched where the result is empty
   * @return what was found, in words; empty if the graph is not written so
   * @throws dev.kvpress.runtime.ModelException if it is written so in a way that is not understood
   */
  Optional<String> translate(PortList ports, GraphEdit edit);
}
