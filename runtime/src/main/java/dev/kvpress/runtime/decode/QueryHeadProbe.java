package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Finds the number of query heads of a foreign graph, which hardly any declares: one token passes
 * through the tapped graph, and the attention it emits shows it.
 */
final class QueryHeadProbe {
  private QueryHeadProbe() {}

  /** H; empty where the graph gives no attention or refuses the pass. */
  static OptionalInt find(DecoderModel model, SessionFactory sessions) {
    DecoderGraph graph = model.graph();
    DecoderInterface ports = graph.ports();
    if (ports.queryHeads().isPresent() || !graph.signals().gives(GraphSignal.LAST_ROWS)) {
      return ports.queryHeads();
    }
    TappedGraph tapped = GraphTap.tap(graph, TapRequest.NONE.withLastRows(1));
    String rows = requireNonNull(tapped.ports().layers().get(0).signals().attentionRows());
    List<LayerCache> layers = new ArrayList<>();
    try (StepSession session = sessions.open(tapped);
        ExtraStates states = new ExtraStates(ports, 1)) {
      HostLayerStore.Layout layout = model.layout(1);
      for (int l = 0; l < ports.layers().size(); l++) {
        layers.add(
            new LayerCache(
                HostLayerStore.empty(model.pool(), layout, 0),
                new LayerLedger(1, ports.kvHeads(), ports.kvHeads(), false, 0)));
      }
      DecoderModel.LoadedGraph loaded = new DecoderModel.LoadedGraph(tapped, session);
      TokenBlock token = TokenBlock.of(List.of(new int[1]));
      long[] shape = new PassRun(model, loaded, layout, layers, states, token).shapeOf(rows);
      boolean plausible = shape.length == 4 && shape[1] > 0 && shape[1] % ports.kvHeads() == 0;
      return plausible ? OptionalInt.of(Math.toIntExact(shape[1])) : OptionalInt.empty();
    } catch (ModelException refused) {
      // The graph may still run without attention signals; a press that needs them is refused.
      return OptionalInt.empty();
    } finally {
      layers.forEach(LayerCache::close);
    }
  }
}
