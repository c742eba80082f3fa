package dev.kvpress.runtime.graph.graft;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.graph.trace.CacheTrace.CacheLength;
import dev.kvpress.runtime.graph.trace.LayerTrace.ShapeOperand;
import dev.kvpress.runtime.graph.trace.TracedAttention;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Edits a graph of somebody else so that it takes caches from which tokens were removed. */
public final class CacheGraft {
  private final GraphIndex index;
  private final CacheTrace trace;
  private final Map<Integer, String> why;

  /**
   * Looks at a graph of which the caches have been followed.
   *
   * @param why why layers were not understood, by index, where something else than the trace tells
   */
  public CacheGraft(GraphIndex index, CacheTrace trace, Map<Integer, String> why) {
    this.index = index;
    this.trace = trace;
    this.why = Map.copyOf(why);
  }

  /** Why it cannot be done, naming layer and node; empty where it can. */
  public Optional<String> refusal(DecoderInterface ports) {
    for (int l = 0; l < ports.layers().size(); l++) {
      Optional<String> reason = Optional.ofNullable(why.get(l)).or(trace.layer(l)::refusal);
      if (reason.isPresent()) {
        return Optional.of(
            "the attention of layer %d is not understood: %s"
                .formatted(ports.layers().get(l).layer(), reason.get()));
      }
    }
    for (Map.Entry<NodeProto, CacheLength> length : trace.lengths().entrySet()) {
      if (length.getValue().tokenAxis() == 0 && tellsOthers(length.getKey())) {
        return Optional.of(
            "it cannot be told on which axis node %s counts cached tokens"
                .formatted(GraphValues.label(length.getKey())));
      }
    }
    return Optional.empty();
  }

  /** Whether a length is used for more than the shapes of cached tensors. */
  private boolean tellsOthers(NodeProto shape) {
    Set<ShapeOperand> shapes = new HashSet<>();
    // Equal operands of equal nodes are used alike, so that one set for all layers will do.
    for (CacheLength length : trace.lengths().values()) {
      shapes.addAll(trace.layer(length.layer()).shapes());
    }
    Deque<String> open = new ArrayDeque<>(shape.getOutputList());
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      String value = open.pop();
      for (NodeProto reader : index.readers(value)) {
        int input = reader.getInputList().indexOf(value);
        if (shapes.contains(new ShapeOperand(reader, input))) {
          continue;
        }
        if (!trace.variesWithLength(reader.getOutput(0))) {
          return true;
        }
        reader.getOutputList().stream().filter(seen::add).forEach(open::push);
      }
    }
    return false;
  }

  /** The interface that the graph has after {@link #apply}. */
  public static DecoderInterface grafted(DecoderInterface ports) {
    return ports.pruned(ports.layers().stream().map(LayerPorts::pruned).toList());
  }

  /**
   * Edits.
   *
   * @param edit of the graph that was followed, not changed before
   * @param ports the interface it gets, see {@link #grafted}
   * @throws IllegalStateException if {@link #refusal} says why it cannot be done
   */
  public void apply(GraphEdit edit, DecoderInterface ports) {
    refusal(ports)
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
    PassLengths lengths = new PassLengths(edit.added(), ports);
    TextLengths texts = new TextLengths(edit, ports, lengths);
    LayerShapes shapes = new LayerShapes(edit, index, ports, trace, lengths, texts);
    MaskColumns columns = new MaskColumns(edit, ports, lengths);
    SizeNames.separate(edit, ports);
    declare(edit, ports);
    trace
        .lengths()
        .forEach(
            (shape, length) -> {
              if (length.tokenAxis() > 0) {
                texts.replace(shape, length);
              }
            });
    for (int l = 0; l < ports.layers().size(); l++) {
      LayerPorts layer = ports.layers().get(l);
      shapes.apply(l);
      for (TracedAttention attention : trace.layer(l).attentions()) {
        attention.sides().forEach(side -> columns.pick(layer, attention, side));
        columns.hidePadding(layer, attention);
      }
    }
  }

  private static void declare(GraphEdit edit, DecoderInterface ports) {
    if (ports.attentionMask() == null && ports.positionIds() != null) {
      edit.input(ports.positionIds(), ports.positionIdsType(), "batch", "queries");
    }
    for (LayerPorts layer : ports.layers()) {
      String past = "past_" + layer.layer();
      if (layer.cacheBias() != null) {
        edit.input(layer.cacheBias(), ElementType.FLOAT32, "batch", ports.kvHeads(), 1, past);
      }
      if (layer.cachePositions() != null) {
        edit.input(layer.cachePositions(), ElementType.INT64, "batch", "position_heads", past);
      }
    }
  }
}
