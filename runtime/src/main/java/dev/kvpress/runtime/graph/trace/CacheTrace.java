package dev.kvpress.runtime.graph.trace;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Follows the caches of all layers through a graph, from its inputs to whoever reads them. */
public final class CacheTrace {
  private static final Set<String> STANDARD = Set.of("", "ai.onnx");

  private final GraphIndex index;
  private final LengthUse lengthUse;
  private final ShapeRules shapeRules;
  private final ScoreRules scoreRules;
  private final List<LayerTrace> layers = new ArrayList<>();
  private final Map<String, CachedValue> cached = new HashMap<>();
  private final Map<NodeProto, CacheLength> lengths = new LinkedHashMap<>();

  /**
   * A node that tells the shape of an image of the cache.
   *
   * @param layer index among the layers with a cache
   * @param rank number of axes of the image; 0 where it is not known
   * @param tokenAxis the axis of the tokens, counted from the end; 0 where it is not known
   */
  public record CacheLength(int layer, int rank, int tokenAxis) {}

  private CacheTrace(GraphIndex index, DecoderInterface ports) {
    this.index = index;
    lengthUse = new LengthUse(ports);
    shapeRules = new ShapeRules(index, lengthUse);
    scoreRules = new ScoreRules(lengthUse);
    for (int l = 0; l < ports.layers().size(); l++) {
      LayerPorts layer = ports.layers().get(l);
      layers.add(new LayerTrace());
      cached.put(layer.pastKey(), CachedValue.past(l, Role.KEY, ports.cacheType()));
      cached.put(layer.pastValue(), CachedValue.past(l, Role.VALUE, ports.cacheType()));
    }
  }

  /** Follows the caches that the interface names. */
  public static CacheTrace of(GraphIndex index, DecoderInterface ports) {
    CacheTrace trace = new CacheTrace(index, ports);
    index.nodes().forEach(trace::visit);
    return trace;
  }

  /** What was found of a layer, by its index among those with a cache. */
  public LayerTrace layer(int layer) {
    return layers.get(layer);
  }

  /** The nodes that tell how long a cache is. */
  public Map<NodeProto, CacheLength> lengths() {
    return lengths;
  }

  /** Indices of the layers whose caches a node reads. */
  public List<Integer> layersOf(NodeProto node) {
    return node.getInputList().stream()
        .filter(cached::containsKey)
        .map(input -> requireNonNull(cached.get(input)).layer())
        .distinct()
        .toList();
  }

  /** Number of axes of an image of a cache; 0 where it is not known. */
  public int rankOf(String value) {
    CachedValue found = cached.get(value);
    return found == null ? 0 : found.rank();
  }

  /** Type of an image of a cache; empty where the value is none. */
  public Optional<ElementType> typeOf(String value) {
    return Optional.ofNullable(cached.get(value)).map(CachedValue::type);
  }

  /** Whether a value follows from how many tokens are cached and from no token itself. */
  public boolean variesWithLength(String value) {
    return lengthUse.varies(value);
  }

  /** Whether a value follows from the tokens of the pass. */
  public boolean isHidden(String value) {
    return lengthUse.isHidden(value);
  }

  private void visit(NodeProto node) {
    CachedValue[] in = new CachedValue[node.getInputCount()];
    CachedValue first = null;
    for (int i = 0; i < in.length; i++) {
      in[i] = cached.get(node.getInput(i));
      first = first == null ? in[i] : first;
    }
    if (first == null) {
      refuseBodies(node);
      lengthUse.pass(node);
      return;
    }
    LayerTrace layer = layers.get(first.layer());
    if (node.getOpType().equals("Shape") && STANDARD.contains(node.getDomain())) {
      lengths.put(node, new CacheLength(first.layer(), first.rank(), first.tokenAxis()));
      lengthUse.length(node);
      return;
    }
    Outcome outcome = outcome(node, in, first);
    if (outcome.refusal() != null) {
      layer.refuse("node %s %s".formatted(GraphValues.label(node), outcome.refusal()));
    }
    if (outcome.outputs().isEmpty()) {
      lengthUse.tokens(node);
      return;
    }
    for (int i = 0; i < Math.min(node.getOutputCount(), outcome.outputs().size()); i++) {
      CachedValue value = outcome.outputs().get(i);
      cached.put(node.getOutput(i), value);
      if (value.role() == Role.SCORES && value.attention() != null) {
        layer.begun(value.attention());
      }
    }
    for (int i = 0; i < in.length; i++) {
      if (in[i] == null
          && ShapeRules.isShapeOperand(node, i)
          && lengthUse.varies(node.getInput(i))) {
        layer.shaped(node, i);
      }
    }
  }

  private Outcome outcome(NodeProto node, @Nullable CachedValue[] in, CachedValue first) {
    String operator = node.getOpType();
    boolean known = STANDARD.contains(node.getDomain()) || operator.equals("FusedMatMul");
    if (!known || GraphValues.hasBodies(node)) {
      return Outcome.refused(
          "(%s) reads the cache in a way that is not understood".formatted(operator));
    }
    for (CachedValue value : in) {
      if (value != null && value.layer() != first.layer()) {
        return Outcome.refused("(" + operator + ") combines the caches of two layers");
      }
    }
    Outcome outcome;
    if (ProductRules.OPERATORS.contains(operator)) {
      outcome = ProductRules.apply(node, in);
    } else if (ShapeRules.OPERATORS.contains(operator)) {
      outcome = shapeRules.apply(node, in);
    } else {
      outcome = scoreRules.apply(node, in);
    }
    return outcome.refusal() == null
        ? outcome
        : Outcome.refused("(" + operator + ") " + outcome.refusal());
  }

  /** Bodies of loops and branches see values from outside without naming them as inputs. */
  private void refuseBodies(NodeProto node) {
    if (!GraphValues.hasBodies(node)) {
      return;
    }
    for (String value : GraphValues.reads(node)) {
      CachedValue inside = cached.get(value);
      if (inside != null) {
        layers
            .get(inside.layer())
            .refuse(
                "node %s (%s) reads the cache inside a branch or loop"
                    .formatted(GraphValues.label(node), node.getOpType()));
      }
    }
  }
}
