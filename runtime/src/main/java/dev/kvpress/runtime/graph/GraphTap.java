package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.graph.TapRequest.Logits;
import java.util.ArrayList;
import java.util.List;

/**
 * Edits a decoder graph so that it emits the signals that presses need, reduced inside the graph.
 */
public final class GraphTap {
  private GraphTap() {}

  /**
   * Edits a graph.
   *
   * <p>Signal outputs that the graph has already and that are not requested are removed, since an
   * output costs its work whether or not it is read.
   *
   * @param graph any decoder graph; not changed
   * @param request what shall be emitted
   * @return the edited graph with its extended interface
   * @throws IllegalArgumentException if the graph cannot give a requested signal; {@link
   *     DecoderGraph#signals()} says so beforehand
   */
  public static TappedGraph tap(DecoderGraph graph, TapRequest request) {
    for (GraphSignal signal : request.signals()) {
      graph
          .signals()
          .refusal(signal)
          .ifPresent(
              reason -> {
                throw new IllegalArgumentException(
                    graph.file() + " cannot give " + signal.title() + ": " + reason);
              });
    }
    GraphEdit edit = new GraphEdit(graph.model());
    DecoderInterface ports = graph.ports();
    boolean own = ports.form() != AttentionForm.FOREIGN;
    if (!own && request.prunedCaches()) {
      ports = graph.prunedPorts();
      graph.graft().apply(edit, ports);
    }
    for (LayerPorts layer : ports.layers()) {
      removeSignals(edit, layer.signals());
    }
    if (own) {
      edit.untap();
      LogitsTap.declare(edit, graph, "queries");
    }
    if (request.dropCacheBias()) {
      dropCacheBias(edit, ports);
    }
    AttentionTap attention = new AttentionTap(edit, graph, request);
    List<LayerPorts> layers = new ArrayList<>();
    for (int i = 0; i < ports.layers().size(); i++) {
      LayerPorts layer = ports.layers().get(i);
      SignalPorts signals = attention.tap(i);
      signals = new StateTap(edit, graph, request).tap(i, signals);
      LayerPorts tapped = layer.withSignals(signals);
      layers.add(request.dropCacheBias() ? tapped.withoutCacheBias() : tapped);
    }
    boolean last = request.logits() == Logits.LAST;
    // Untapping has brought the logits of all queries back.
    boolean wereLast = ports.lastLogitsOnly() && !own;
    if (last && !wereLast) {
      LogitsTap.keepLast(edit, graph);
    }
    return new TappedGraph(
        edit.build(), graph.folder(), ports.with(layers, last || wereLast), request);
  }

  /**
   * What of a request to make: without that which only saves work and which the graph cannot save,
   * and ready for caches from which tokens were removed where it can be.
   */
  public static TapRequest possible(DecoderGraph graph, TapRequest request) {
    TapRequest.Logits logits =
        graph.signals().gives(GraphSignal.LAST_LOGITS) ? request.logits() : TapRequest.Logits.ALL;
    return new TapRequest(
        request.columnSums(),
        request.columnMaxima(),
        request.lastRows(),
        request.fullAttention(),
        request.queries(),
        request.queriesPreRope(),
        request.hiddenStates(),
        logits,
        request.dropCacheBias() && graph.signals().gives(GraphSignal.EVEN_CACHES),
        graph.isPrunable() && !request.dropCacheBias());
  }

  private static void removeSignals(GraphEdit edit, SignalPorts signals) {
    signals.names().forEach(edit::removeOutput);
  }

  private static void dropCacheBias(GraphEdit edit, DecoderInterface ports) {
    for (LayerPorts layer : ports.layers()) {
      if (layer.cacheBias() != null) {
        edit.bypass(OwnGraph.biasedPastScores(layer.layer()), OwnGraph.pastScores(layer.layer()));
        edit.removeInput(layer.cacheBias());
      }
    }
  }
}
