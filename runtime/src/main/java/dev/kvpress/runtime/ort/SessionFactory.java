package dev.kvpress.runtime.ort;

import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import java.util.List;
import java.util.Optional;

/**
 * Makes sessions; the seam at which tests put something else than ONNX Runtime. Several graphs may
 * be opened at once, from several threads.
 */
public interface SessionFactory {

  /**
   * Loads a graph.
   *
   * @throws dev.kvpress.runtime.ModelException if the graph cannot be loaded
   */
  StepSession open(TappedGraph graph);

  /** What rearranges weights for these sessions; empty where nothing does. */
  default Optional<WeightPacker> packer() {
    return Optional.empty();
  }

  /**
   * What of a graph would run elsewhere than on this provider: on the processor, with copies to and
   * fro for each node.
   *
   * @return empty where all of it runs on the provider
   */
  default List<Fallback> fallbacks(TappedGraph graph) {
    return List.of();
  }

  /** Name of the provider on which the sessions run, for reports. */
  String provider();

  /** Version of the engine, for reports. */
  String version();
}
