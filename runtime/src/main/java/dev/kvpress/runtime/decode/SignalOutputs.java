package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of the signals of one pass.
 *
 * @param slots T, past and new slots
 * @param hiddenSize E, 0 where unknown
 */
record SignalOutputs(
    int batch,
    int heads,
    int queries,
    int slots,
    int headSize,
    int hiddenSize,
    int rowWindow,
    int queryWindow,
    int preRopeWindow) {

  /** Outputs for the signals that a layer has; see {@link LayerCache#observe}. */
  void addTo(Map<String, HostTensor> outputs, SignalPorts ports, PassMemory memory) {
    int rows = Math.min(rowWindow, queries);
    int rotated = Math.min(queryWindow, queries);
    int plain = Math.min(preRopeWindow, queries);
    add(outputs, ports.attentionSums(), memory, batch, heads, slots);
    add(outputs, ports.attentionMaxima(), memory, batch, heads, slots);
    add(outputs, ports.attentionRows(), memory, batch, heads, rows, slots);
    add(outputs, ports.attentions(), memory, batch, heads, queries, slots);
    add(outputs, ports.queries(), memory, batch, heads, rotated, headSize);
    add(outputs, ports.queriesPreRope(), memory, batch, heads, plain, headSize);
    add(outputs, ports.hiddenStates(), memory, batch, queries, hiddenSize);
  }

  private static void add(
      Map<String, HostTensor> outputs, @Nullable String name, PassMemory memory, long... shape) {
    if (name != null) {
      outputs.put(name, memory.tensor(ElementType.FLOAT32, shape));
    }
  }
}
