package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run of a graph over the cache of a context. */
final class PassRun {
  private final DecoderModel model;
  private final DecoderModel.LoadedGraph graph;
  private final HostLayerStore.Layout layout;
  private final List<LayerCache> layers;
  private final ExtraStates states;
  private final TokenBlock block;
  private final DecoderInterface ports;
  private final Map<String, HostTensor> inputs = new HashMap<>();
  private final Map<String, HostTensor> outputs = new HashMap<>();

  PassRun(
      DecoderModel model,
      DecoderModel.LoadedGraph graph,
      HostLayerStore.Layout layout,
      List<LayerCache> layers,
      ExtraStates states,
      TokenBlock block) {
    this.model = model;
    this.graph = graph;
    this.layout = layout;
    this.layers = layers;
    this.states = states;
    this.block = block;
    this.ports = graph.graph().ports();
  }

  @Nullable Logits run(
      int[] firstPosition, boolean inPlace, int expectedTokens, boolean wantLogits) {
    List<HostLayerStore> next = new ArrayList<>();
    boolean done = false;
    try (PassMemory memory = new PassMemory(model.pool())) {
      Pass pass = new Pass(ports, block, memory);
      LayerLedger first = layers.get(0).ledger();
      boolean maskOverPast = !ports.perLayerPast();
      pass.addTokens(
          inputs, firstPosition, maskOverPast ? first : null, layers.get(0).store().slots());
      for (int l = 0; l < layers.size(); l++) {
        addLayer(pass, l, inPlace, expectedTokens, next, memory);
      }
      states.addInputs(inputs);
      List<HostTensor> nextStates = states.addOutputs(outputs);
      HostTensor logits =
          memory.tensor(
              ElementType.FLOAT32,
              block.batch(),
              ports.lastLogitsOnly() ? 1 : block.columns(),
              model.info().vocabulary());
      outputs.put(ports.logits(), logits);
      graph.session().run(inputs, outputs);
      done = true;
      for (int l = 0; l < layers.size(); l++) {
        if (inPlace) {
          layers.get(l).store().advance(block.columns());
        } else {
          layers.get(l).replace(next.get(l));
        }
        layers.get(l).observe(outputs, ports.layers().get(l).signals(), block);
      }
      states.advance(nextStates);
      return wantLogits ? logits(logits) : null;
    } finally {
      if (!done) {
        next.forEach(HostLayerStore::close);
      }
    }
  }

  private void addLayer(
      Pass pass,
      int index,
      boolean inPlace,
      int expectedTokens,
      List<HostLayerStore> next,
      PassMemory memory) {
    LayerCache layer = layers.get(index);
    LayerPorts names = ports.layers().get(index);
    int past = layer.store().slots();
    if (inPlace) {
      HostLayerStore store = layer.writable(block.columns(), expectedTokens);
      Pass.addPast(inputs, names, store, layout);
      Pass.addPresent(outputs, names, store, layout);
      pass.addCacheLength(inputs, names, past);
    } else {
      Pass.addPast(inputs, names, layer.dense(), layout);
      pass.addCacheBias(inputs, names, layer.ledger(), past);
      HostLayerStore present =
          HostLayerStore.unfilled(model.pool(), layout, past + block.columns());
      next.add(present);
      Pass.addPresent(outputs, names, present, layout);
    }
    TapRequest tap = graph.graph().request();
    LayerCache.addSignalOutputs(
        outputs,
        names.signals(),
        new LayerCache.PassShape(
            block.batch(),
            model.info().queryHeads(),
            block.columns(),
            past + block.columns(),
            model.info().headSize(),
            model.hiddenSize(),
            tap.lastRows(),
            tap.queries(),
            tap.queriesPreRope()),
        memory);
  }

  private Logits logits(HostTensor tensor) {
    if (ports.lastLogitsOnly() || layersSeeOneQuery()) {
      return new Logits(tensor.floats(), block.batch(), model.info().vocabulary());
    }
    return new Logits(tensor.floats(), block.batch() * block.columns(), model.info().vocabulary());
  }

  private boolean layersSeeOneQuery() {
    return block.columns() == 1;
  }
}
