package dev.kvpress.runtime.graph.trace;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Products of queries with keys and of attention with values. */
final class ProductRules {
  static final Set<String> OPERATORS = Set.of("MatMul", "FusedMatMul", "Einsum");

  private ProductRules() {}

  static Outcome apply(NodeProto node, @Nullable CachedValue[] in) {
    CachedValue left = in.length == 2 ? in[0] : null;
    CachedValue right = in.length == 2 ? in[1] : null;
    if (right == null && left == null) {
      return Outcome.refused("multiplies more than two values");
    }
    if (left != null && right != null) {
      return context(node, left, right);
    }
    CachedValue cached = left == null ? requireNonNull(right) : left;
    boolean second = left == null;
    if (cached.role() == Role.ATTENTION || cached.role() == Role.OBSERVED) {
      return Outcome.of(cached.as(Role.OBSERVED));
    }
    if (cached.role() != Role.KEY) {
      return Outcome.refused("multiplies %s with others".formatted(cached.role().title()));
    }
    int rank = Math.max(cached.rank(), 3);
    AttentionDraft draft = new AttentionDraft(node, second ? 0 : 1, cached.interleaved());
    if (node.getOpType().equals("Einsum")) {
      Equation equation = Equation.of(node);
      char tokens = equation.letter(second ? 1 : 0, cached.tokenAxis());
      return equation.endsWith(tokens) && cached.tokenAxis() > 0
          ? Outcome.of(cached.scores(equation.rank(), draft))
          : Outcome.refused(
              "multiplies keys as %s, without tokens last".formatted(equation.text()));
    }
    boolean turned = new NodeAttributes(node).integer("transB", 0) == 1;
    if (!second || oddFlags(node) || cached.tokenAxis() != (turned ? 2 : 1)) {
      return Outcome.refused("multiplies keys in another way than queries times turned keys");
    }
    return Outcome.of(cached.scores(rank, draft));
  }

  private static boolean oddFlags(NodeProto node) {
    NodeAttributes attributes = new NodeAttributes(node);
    return attributes.integer("transA", 0) == 1
        || attributes.integer("transBatchA", 0) == 1
        || attributes.integer("transBatchB", 0) == 1;
  }

  private static Outcome context(NodeProto node, CachedValue left, CachedValue right) {
    AttentionDraft draft = left.attention();
    if (left.role() != Role.ATTENTION || right.role() != Role.VALUE || draft == null) {
      return Outcome.refused(
          "multiplies %s with %s".formatted(left.role().title(), right.role().title()));
    }
    if (left.layer() != right.layer()) {
      return Outcome.refused("multiplies attention with the values of another layer");
    }
    if (left.interleaved() != right.interleaved()) {
      return Outcome.refused("repeats the heads of keys and values in different orders");
    }
    boolean fits;
    if (node.getOpType().equals("Einsum")) {
      Equation equation = Equation.of(node);
      char tokens = equation.letter(0, left.tokenAxis());
      fits = equation.isContracted(tokens) && tokens == equation.letter(1, right.tokenAxis());
    } else {
      boolean turned = new NodeAttributes(node).integer("transB", 0) == 1;
      fits = !oddFlags(node) && left.tokenAxis() == 1 && right.tokenAxis() == (turned ? 1 : 2);
    }
    if (!fits) {
      return Outcome.refused("multiplies attention and values over another axis than the tokens");
    }
    if (left.pastOnly() || right.pastOnly()) {
      return Outcome.refused("multiplies attention to the past alone");
    }
    if (left.wide()) {
      return Outcome.refused("multiplies attention that has columns of no token");
    }
    return draft.ends(node.getInput(0), node)
        ? Outcome.end()
        : Outcome.refused("multiplies the same attention a second time");
  }
}
