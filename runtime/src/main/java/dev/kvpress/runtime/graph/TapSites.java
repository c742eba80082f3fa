package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a graph computes attention.
 *
 * <p>Own graphs name these places. In others they are, in this order: an output {@code
 * attentions.{l}} that is already there, a Softmax whose result is multiplied with something, or a
 * GroupQueryAttention operator that can be told to emit its softmax.
 */
final class TapSites {

  /**
   * The attention of one layer in a foreign graph.
   *
   * @param attention value {@code [B,H,Q,T]} after the softmax
   * @param context value that is computed from it and can be made to wait for a tap; null where
   *     none is known
   * @param fused GroupQueryAttention node to be told to emit {@code attention}, or null
   */
  record Site(String attention, @Nullable String context, @Nullable NodeProto fused) {}

  private static final List<String> TRANSPARENT = List.of("Cast", "Dropout", "Identity", "Where");
  private static final String ONLY_OWN = "only graphs of our own exporter name this value";

  private final List<Site> sites;
  private final SignalSupport support;

  private TapSites(List<Site> sites, SignalSupport support) {
    this.sites = sites;
    this.support = support;
  }

  /**
   * One per layer with a cache, in their order; empty for own graphs and where {@link #support}
   * refuses attention.
   */
  List<Site> sites() {
    return sites;
  }

  SignalSupport support() {
    return support;
  }

  static TapSites find(ModelProto model, DecoderInterface ports) {
    Map<GraphSignal, String> refusals = new EnumMap<>(GraphSignal.class);
    List<Site> sites = List.of();
    switch (ports.form()) {
      case DECOMPOSED, FUSED -> {}
      case FOREIGN -> {
        refusals.put(GraphSignal.QUERIES, ONLY_OWN);
        refusals.put(GraphSignal.QUERIES_PRE_ROPE, ONLY_OWN);
        refusals.put(GraphSignal.HIDDEN_STATES, ONLY_OWN);
        Finder finder = new Finder(model.getGraph(), ports);
        sites = finder.find();
        if (sites.isEmpty()) {
          String reason = finder.refusal();
          refusals.put(GraphSignal.COLUMN_SUMS, reason);
          refusals.put(GraphSignal.LAST_ROWS, reason);
          refusals.put(GraphSignal.FULL_ATTENTION, reason);
        }
      }
    }
    return new TapSites(sites, new SignalSupport(refusals));
  }

  /** Looks through a foreign graph. */
  private static final class Finder {
    private final GraphProto graph;
    private final DecoderInterface ports;
    private final Map<String, List<NodeProto>> readers = new HashMap<>();
    private int softmaxes;

    Finder(GraphProto graph, DecoderInterface ports) {
      this.graph = graph;
      this.ports = ports;
      for (NodeProto node : graph.getNodeList()) {
        for (String input : node.getInputList()) {
          readers.computeIfAbsent(input, k -> new ArrayList<>()).add(node);
        }
      }
    }

    List<Site> find() {
      List<Site> emitted = emitted();
      if (!emitted.isEmpty()) {
        return emitted;
      }
      List<Site> fused = fused();
      if (!fused.isEmpty()) {
        return fused;
      }
      List<Site> computed = new ArrayList<>();
      for (NodeProto node : graph.getNodeList()) {
        if (node.getOpType().equals("Softmax") && node.getDomain().isEmpty()) {
          String context = context(node.getOutput(0), 0);
          if (context != null) {
            computed.add(new Site(node.getOutput(0), context, null));
          }
        }
      }
      softmaxes = computed.size();
      return softmaxes == ports.layers().size() ? computed : List.of();
    }

    String refusal() {
      return "expected one Softmax followed by MatMul for each of the "
          + ports.layers().size()
          + " layers with a cache, found "
          + softmaxes
          + ", and no outputs attentions.N";
    }

    private List<Site> emitted() {
      List<Site> sites = new ArrayList<>();
      for (LayerPorts layer : ports.layers()) {
        String output = layer.signals().attentions();
        if (output == null) {
          return List.of();
        }
        sites.add(new Site(output, contextOfEmitted(output), null));
      }
      return sites;
    }

    /**
     * The emitted value may be a copy of the softmax, which is then what the layer goes on with.
     */
    private @Nullable String contextOfEmitted(String output) {
      String context = context(output, 0);
      if (context != null) {
        return context;
      }
      for (NodeProto node : graph.getNodeList()) {
        if (node.getOutputList().contains(output)
            && TRANSPARENT.contains(node.getOpType())
            && node.getInputCount() == 1) {
          return context(node.getInput(0), 0);
        }
      }
      return null;
    }

    private List<Site> fused() {
      List<Site> sites = new ArrayList<>();
      for (LayerPorts layer : ports.layers()) {
        for (NodeProto node : graph.getNodeList()) {
          if (node.getOpType().equals("GroupQueryAttention")
              && node.getOutputList().contains(layer.presentKey())
              && node.getOutputCount() == 3) {
            sites.add(
                new Site(
                    SignalNames.ATTENTIONS + layer.layer() + ".softmax", node.getOutput(0), node));
          }
        }
      }
      return sites.size() == ports.layers().size() ? sites : List.of();
    }

    /** Output of the MatMul that reads a value, perhaps behind casts and the like. */
    private @Nullable String context(String value, int depth) {
      for (NodeProto reader : readers.getOrDefault(value, List.of())) {
        if (reader.getOpType().equals("MatMul") && reader.getInput(0).equals(value)) {
          return reader.getOutput(0);
        }
        if (TRANSPARENT.contains(reader.getOpType()) && depth < 3) {
          String behind = context(reader.getOutput(0), depth + 1);
          if (behind != null) {
            return behind;
          }
        }
      }
      return null;
    }
  }

  /** A GroupQueryAttention node that also emits its softmax. */
  static NodeProto emitting(NodeProto fused, String output) {
    // 2 means after the softmax.
    return withoutMode(fused)
        .addOutput(output)
        .addAttribute(GraphBuilder.attribute("qk_output", 2))
        .build();
  }

  /** The node as it was before {@link #emitting}; other nodes as they are. */
  static NodeProto quiet(NodeProto node) {
    if (!node.getOpType().equals("GroupQueryAttention") || node.getOutputCount() != 4) {
      return node;
    }
    return withoutMode(node).clearOutput().addAllOutput(node.getOutputList().subList(0, 3)).build();
  }

  private static NodeProto.Builder withoutMode(NodeProto fused) {
    NodeProto.Builder node = fused.toBuilder().clearAttribute();
    for (AttributeProto attribute : fused.getAttributeList()) {
      if (!attribute.getName().equals("qk_output")) {
        node.addAttribute(attribute);
      }
    }
    return node;
  }
}
