package dev.kvpress.runtime.ort;

import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.graph.pack.PackedCopy;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import java.util.List;
import java.util.Optional;

/**
 * Sessions of one graph that map a copy of its weights.
 *
 * @param sessions what opens them
 * @param copy of the graph's weights
 */
public record SharedSessions(SessionFactory sessions, PackedCopy copy) implements SessionFactory {

  @Override
  public StepSession open(TappedGraph graph) {
    return sessions.open(copy.under(graph));
  }

  @Override
  public List<Fallback> fallbacks(TappedGraph graph) {
    return sessions.fallbacks(graph);
  }

  @Override
  public Optional<WeightPacker> packer() {
    return sessions.packer();
  }

  @Override
  public String provider() {
    return sessions.provider();
  }

  @Override
  public String version() {
    return sessions.version();
  }
}
