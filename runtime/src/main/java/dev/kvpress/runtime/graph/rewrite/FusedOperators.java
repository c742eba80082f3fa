package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.trace.CacheTrace;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes the fused operators of a graph out, each by the one who knows it. */
public final class FusedOperators {
  private static final String ONE_TOKEN =
      "it takes one token per pass and a buffer of fixed length";
  private static final String INTEGERS = "its projections are quantised inside";
  private static final List<OperatorRewriter> KNOWN =
      List.of(
          new GroupQueryAttention(),
          new MultiHeadAttention(),
          new PackedAttention(),
          new StandardAttention(),
          unsupported("DecoderMaskedMultiHeadAttention", ONE_TOKEN),
          unsupported("DecoderMaskedSelfAttention", ONE_TOKEN),
          unsupported("QAttention", INTEGERS),
          unsupported("QOrderedAttention", INTEGERS),
          unsupported("SparseAttention", "it attends to blocks of its own choice"),
          unsupported("PagedAttention", "its cache is made of pages"),
          unsupported("DecoderAttention", "it takes flags that turn its cache on and off"));

  private FusedOperators() {}

  /**
   * A graph without the fused operators that could be written out.
   *
   * @param model the graph; the one that went in where it had none
   * @param ports its interface, with query heads where an operator told them
   * @param operators operators that were written out, in words, by index of their layer
   * @param refusals why the operator of a layer stayed as it is, by index of the layer
   */
  public record Rewritten(
      ModelProto model,
      DecoderInterface ports,
      Map<Integer, String> operators,
      Map<Integer, String> refusals) {
    /** Takes copies. */
    public Rewritten {
      operators = Map.copyOf(operators);
      refusals = Map.copyOf(refusals);
    }
  }

  /** Rewrites what reads the caches of an interface. */
  public static Rewritten rewrite(ModelProto model, DecoderInterface ports) {
    GraphIndex index = new GraphIndex(model);
    CacheTrace trace = CacheTrace.of(index, ports);
    Map<NodeProto, Integer> layers = new LinkedHashMap<>();
    Map<Integer, String> operators = new TreeMap<>();
    Map<Integer, String> refusals = new TreeMap<>();
    int heads = 0;
    for (NodeProto node : index.nodes()) {
      if (rewriter(node).isEmpty()) {
        continue;
      }
      List<Integer> read = trace.layersOf(node);
      try {
        // Once for nothing, since a refusal may come when half of the nodes are written.
        heads = Math.max(heads, rewrite(node, index, ports, trace, new GraphEdit(model)));
        layers.put(node, read.get(0));
        operators.put(read.get(0), rewriter(node).orElseThrow().describe(new OperatorNode(node)));
      } catch (NotRewritable e) {
        String reason =
            "node %s (%s): %s".formatted(GraphValues.label(node), node.getOpType(), e.getMessage());
        read.forEach(layer -> refusals.putIfAbsent(layer, reason));
      }
    }
    if (layers.isEmpty()) {
      return new Rewritten(model, ports, operators, refusals);
    }
    GraphEdit edit = new GraphEdit(model);
    PassValues pass = new PassValues(edit.added(), ports);
    RewriteSite site = new RewriteSite(edit.added(), index, ports, trace, pass);
    for (NodeProto node : layers.keySet()) {
      try {
        rewriter(node).orElseThrow().rewrite(new OperatorNode(node), site);
      } catch (NotRewritable e) {
        throw new IllegalStateException("it could be rewritten before", e);
      }
      edit.remove(node);
    }
    boolean told = heads > 0 && heads % ports.kvHeads() == 0 && ports.queryHeads().isEmpty();
    return new Rewritten(
        edit.build(), told ? ports.withQueryHeads(heads) : ports, operators, refusals);
  }

  private static OperatorRewriter unsupported(String operator, String reason) {
    return new Unsupported(GraphBuilder.CONTRIB, operator, reason);
  }

  private static int rewrite(
      NodeProto node, GraphIndex index, DecoderInterface ports, CacheTrace trace, GraphEdit edit)
      throws NotRewritable {
    List<Integer> read = trace.layersOf(node);
    if (read.size() != 1) {
      throw new NotRewritable(
          read.isEmpty() ? "it reads no cache" : "it reads the caches of layers " + read);
    }
    PassValues pass = new PassValues(edit.added(), ports);
    return rewriter(node)
        .orElseThrow()
        .rewrite(new OperatorNode(node), new RewriteSite(edit.added(), index, ports, trace, pass));
  }

  private static Optional<OperatorRewriter> rewriter(NodeProto node) {
    String domain = node.getDomain().equals("ai.onnx") ? "" : node.getDomain();
    return KNOWN.stream()
        .filter(known -> known.operator().equals(node.getOpType()))
        .filter(known -> known.domain().equals(domain))
        .findFirst();
  }
}
