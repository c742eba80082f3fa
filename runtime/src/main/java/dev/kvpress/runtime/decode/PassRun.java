package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HalfFloats;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import dev.kvpress.runtime.ort.HostTensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run of a graph over the caches of a context, or of rows of several. */
final class PassRun {
  private final DecoderModel model;
  private final DecoderModel.LoadedGraph graph;
  private final HostLayerStore.Layout layout;
  private final List<? extends PassLayer> layers;
  private final ExtraStates states;
  private final TokenBlock block;
  private final Runnable wanted;
  private final DecoderInterface ports;
  private final Map<String, HostTensor> inputs = new HashMap<>();
  private final Map<String, HostTensor> outputs = new HashMap<>();

  /** By lengths: most often all layers have the same one, and a tensor more costs time. */
  private final Map<ImmutableIntArray, HostTensor> cacheLengths = new HashMap<>();

  /**
   * Prepares one; nothing runs yet.
   *
   * @param wanted throws once nobody wants the pass any more; asked while it waits for its turn
   */
  PassRun(
      DecoderModel model,
      DecoderModel.LoadedGraph graph,
      HostLayerStore.Layout layout,
      List<? extends PassLayer> layers,
      ExtraStates states,
      TokenBlock block,
      Runnable wanted) {
    this.model = model;
    this.graph = graph;
    this.layout = layout;
    this.layers = layers;
    this.states = states;
    this.block = block;
    this.wanted = wanted;
    this.ports = graph.graph().ports();
  }

  /**
   * Runs the graph when it is the pass's turn; nothing of the context changes if that fails.
   *
   * @param sequenceLengths {@code [B]}, positions up to the end of the whole step
   * @param expectedTokens slots to which the cache grows in the passes of this step, or more
   * @param stepTokens tokens per row from here to the end of the step
   * @param newStep whether this is the first pass of a step
   */
  @SuppressWarnings("try") // The turn is held, not used.
  @Nullable Logits run(
      int[] firstPosition,
      int[] sequenceLengths,
      int expectedTokens,
      int stepTokens,
      boolean newStep,
      boolean wantLogits) {
    List<HostLayerStore> next = new ArrayList<>();
    boolean inPlace = ports.hasCacheLength();
    boolean done = false;
    try (EngineTurns.Turn turn = model.turns().take(wanted);
        PassMemory memory = new PassMemory(model.pool())) {
      addInputs(firstPosition, sequenceLengths, memory);
      for (int l = 0; l < layers.size(); l++) {
        addLayer(l, inPlace, expectedTokens, next, memory);
      }
      List<HostTensor> nextStates = states.addOutputs(outputs);
      HostTensor logits =
          memory.tensor(
              logitsType(),
              block.batch(),
              ports.lastLogitsOnly() ? 1 : block.columns(),
              model.info().vocabulary());
      outputs.put(ports.logits(), logits);
      graph.session().run(inputs, outputs);
      Logits result = wantLogits ? logits(logits) : null;
      LayerCache.PassResult seen =
          new LayerCache.PassResult(
              outputs, graph.graph().request(), block, memory, stepTokens, newStep);
      for (int l = 0; l < layers.size(); l++) {
        layers.get(l).observe(seen, ports.layers().get(l).signals(), model.workers());
        if (inPlace) {
          layers.get(l).advance(block.columns());
        }
      }
      done = true;
      for (int l = 0; l < next.size(); l++) {
        layers.get(l).replace(next.get(l));
      }
      states.advance(nextStates);
      return result;
    } finally {
      if (!done) {
        next.forEach(HostLayerStore::close);
      }
    }
  }

  private void addInputs(int[] firstPosition, int[] sequenceLengths, PassMemory memory) {
    Pass pass = new Pass(ports, block, memory);
    pass.addTokens(inputs, firstPosition);
    if (ports.attentionMask() != null) {
      pass.addMask(inputs, validPast());
    }
    pass.addSequenceLengths(inputs, sequenceLengths);
    states.addInputs(inputs);
  }

  /**
   * Columns of the mask before the new tokens: none for own graphs, the cached tokens for graphs of
   * others, all tokens of the text where those take caches with tokens removed.
   *
   * @return {@code [B][columns]}, padding on the left
   */
  private boolean[][] validPast() {
    PassLayer first = layers.get(0);
    int[] valid = new int[block.batch()];
    int columns = ports.perLayerPast() ? 0 : first.slots();
    for (int b = 0; b < valid.length; b++) {
      valid[b] = ports.masksText() ? first.tokensSeen(b) : first.length(b, 0);
      columns = ports.masksText() ? Math.max(columns, valid[b]) : columns;
    }
    boolean[][] mask = new boolean[valid.length][columns];
    for (int b = 0; b < valid.length; b++) {
      Arrays.fill(mask[b], Math.max(0, columns - valid[b]), columns, true);
    }
    return mask;
  }

  private void addLayer(
      int index,
      boolean inPlace,
      int expectedTokens,
      List<HostLayerStore> next,
      PassMemory memory) {
    PassLayer layer = layers.get(index);
    LayerPorts names = ports.layers().get(index);
    Pass pass = new Pass(ports, block, memory);
    if (inPlace) {
      boolean byHead = ports.form() == AttentionForm.FUSED_BY_HEAD;
      KeyValueMemory memoryInPlace =
          byHead
              ? layer.writableByHead(block.columns(), expectedTokens)
              : layer.writable(block.columns(), expectedTokens);
      pass.addInPlace(inputs, outputs, names, memoryInPlace, layout);
      inputs.put(
          requireNonNull(names.cacheLength()),
          byHead
              ? pass.cacheLengths(lengthsOfHeads(layer))
              : cacheLengths.computeIfAbsent(layer.slotsOfRows(), pass::cacheLengths));
    } else {
      KeyValueMemory appended = dense(index);
      int past = layer.slots();
      Pass.addPast(inputs, names, appended, layout);
      layer.packed().ifPresent(packed -> Pass.addPacked(inputs, names, packed, layout));
      pass.addCacheBias(inputs, names, layer, past);
      pass.addCachePositions(inputs, names, layer, past);
      int slots = appended.capacity() + block.columns();
      HostLayerStore present =
          HostLayerStore.unfilled(
              model.pool(), layout, slots, layer.packed().isPresent() ? slots : expectedTokens);
      next.add(present);
      Pass.addPresent(outputs, names, present, layout);
    }
    TapRequest tap = graph.graph().request();
    new SignalOutputs(
            block.batch(),
            model.info().queryHeads(),
            block.columns(),
            layer.slots() + block.columns(),
            model.info().headSize(),
            model.hiddenSize(),
            tap.lastRows(),
            tap.queries(),
            tap.queriesPreRope())
        .addTo(outputs, names.signals(), memory);
  }

  /** Numbers that cannot be packed are those of this layer, and nothing has changed. */
  private KeyValueMemory dense(int index) {
    try {
      return layers.get(index).dense();
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "layer %d of model %s: %s"
              .formatted(index, model.info().name(), String.valueOf(e.getMessage())),
          e);
    }
  }

  /** {@code [B*G]} */
  private ImmutableIntArray lengthsOfHeads(PassLayer layer) {
    ImmutableIntArray.Builder lengths = ImmutableIntArray.builder(block.batch() * layout.kvHeads());
    for (int b = 0; b < block.batch(); b++) {
      for (int g = 0; g < layout.kvHeads(); g++) {
        lengths.add(layer.length(b, g));
      }
    }
    return lengths.build();
  }

  private Logits logits(HostTensor tensor) {
    FloatBuffer values =
        tensor.type() == ElementType.FLOAT32
            ? tensor.floats()
            : HalfFloats.widen(tensor.data(), tensor.type(), tensor.data().capacity());
    int rows = block.batch() * (ports.lastLogitsOnly() ? 1 : block.columns());
    return new Logits(values, rows, model.info().vocabulary());
  }

  /** Graphs of 16-bit floats often have logits of 16 bits too. */
  private ElementType logitsType() {
    for (ValueInfoProto output : graph.graph().model().getGraph().getOutputList()) {
      if (output.getName().equals(ports.logits())) {
        return ElementType.ofOnnx(output.getType().getTensorType().getElemType())
            .orElse(ElementType.FLOAT32);
      }
    }
    return ElementType.FLOAT32;
  }
}
