package dev.kvpress.runtime.graph;

/**
 * Edits a decoder graph so that it emits the signals that presses need, reduced inside the graph.
 */
public final class GraphTap {
  private GraphTap() {}

  /**
   * Edits a graph.
   *
   * @param graph any decoder graph; not changed
   * @param request what shall be emitted
   * @return the edited graph with its extended interface
   * @throws IllegalArgumentException if the graph cannot give a requested signal; {@link
   *     DecoderGraph#signals()} says so beforehand
   */
  public static TappedGraph tap(DecoderGraph graph, TapRequest request) {
    throw new UnsupportedOperationException("not yet: " + graph.file() + request);
  }
}
