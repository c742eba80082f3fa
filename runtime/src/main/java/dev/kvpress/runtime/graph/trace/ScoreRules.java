package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes that compute with each element: scales, masks, and what a softmax is made of. */
final class ScoreRules {
  static final String TWO_SOFTMAXES = "begins a second softmax over other scores";

  private static final Set<String> SAME = Set.of("Identity", "Dropout", "Cast");
  private static final Set<String> COMBINING =
      Set.of("Add", "Sub", "Mul", "Div", "Max", "Min", "Where");
  private static final Set<String> BENDING = Set.of("Tanh", "Clip", "Neg", "Reciprocal");
  private static final Set<String> FLAGGING =
      Set.of(
          "IsNaN",
          "IsInf",
          "Not",
          "And",
          "Or",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual");
  private static final Set<String> REDUCING =
      Set.of("ReduceMax", "ReduceSum", "ReduceMin", "ReduceMean");

  private final LengthUse lengths;

  ScoreRules(LengthUse lengths) {
    this.lengths = lengths;
  }

  Outcome apply(NodeProto node, @Nullable CachedValue[] in) {
    String operator = node.getOpType();
    CachedValue data = first(in);
    if (SAME.contains(operator)) {
      return same(node, data);
    }
    if (data.role() == Role.OBSERVED) {
      return Outcome.of(data, node.getOutputCount());
    }
    if (REDUCING.contains(operator)) {
      return reduce(node, data);
    }
    if (FLAGGING.contains(operator)) {
      return flag(node, data);
    }
    if (COMBINING.contains(operator)) {
      return data.isCache() ? scaled(node, in, data) : combined(node, in);
    }
    if (operator.equals("Softmax") || operator.equals("LogSoftmax")) {
      return softmax(node, data, operator.equals("Softmax") ? Role.ATTENTION : Role.LOGARITHMS);
    }
    if (operator.equals("Exp")) {
      return exponential(node, data);
    }
    if (BENDING.contains(operator)
        && (data.role() == Role.SCORES || data.role() == Role.STATISTIC)) {
      return Outcome.of(data);
    }
    return Outcome.refused("does with " + data.role().title() + " what is not understood");
  }

  private static CachedValue first(@Nullable CachedValue[] in) {
    for (CachedValue value : in) {
      if (value != null) {
        return value;
      }
    }
    throw new IllegalStateException("no cached value");
  }

  private static Outcome same(NodeProto node, CachedValue data) {
    if (node.getOpType().equals("Cast")) {
      long to = new NodeAttributes(node).integer("to", 0);
      boolean floats = data.role() != Role.FLAGS && data.role() != Role.STATISTIC;
      return ElementType.ofOnnx((int) to)
          .map(type -> Outcome.of(data.typed(type)))
          .orElseGet(
              () -> floats ? Outcome.refused("casts to the ONNX type " + to) : Outcome.of(data));
    }
    return Outcome.of(data, node.getOutputCount());
  }

  /** Keys or values times something that is the same for every token. */
  private Outcome scaled(NodeProto node, @Nullable CachedValue[] in, CachedValue data) {
    for (int i = 0; i < in.length; i++) {
      if (in[i] == null && lengths.varies(node.getInput(i))) {
        return Outcome.refused(
            "changes cached %s by something that depends on their place, as where keys are rotated after the cache"
                .formatted(data.role().title()));
      }
      if (in[i] == null && lengths.isHidden(node.getInput(i))) {
        return Outcome.refused("changes cached " + data.role().title() + " by hidden states");
      }
    }
    return in.length == 2 && !node.getOpType().equals("Max") && !node.getOpType().equals("Min")
        ? Outcome.of(data)
        : Outcome.refused("changes cached " + data.role().title());
  }

  private Outcome combined(NodeProto node, @Nullable CachedValue[] in) {
    CachedValue main = null;
    int place = 0;
    boolean mixed = false;
    for (int i = 0; i < in.length; i++) {
      CachedValue value = in[i];
      if (value == null || value.role() == Role.STATISTIC || value.role() == Role.FLAGS) {
        mixed |= value != null;
        continue;
      }
      if (main != null) {
        return Outcome.refused("combines scores with themselves");
      }
      main = value;
      place = i;
    }
    if (main == null) {
      return statistic(in);
    }
    AttentionDraft attention = main.attention();
    if (main.isCache() || attention == null) {
      return Outcome.refused("combines cached tokens with scores");
    }
    for (int i = 0; i < in.length; i++) {
      String side = node.getInput(i);
      if (in[i] != null) {
        continue;
      }
      if (lengths.isHidden(side)) {
        return Outcome.refused(
            "combines %s with %s, which depends on the tokens themselves"
                .formatted(main.role().title(), side));
      }
      if (lengths.varies(side)) {
        if (main.wide()) {
          return Outcome.refused("masks scores that already have columns of no token");
        }
        attention.side(node, i, node.getInput(place), main.pastOnly());
      }
    }
    boolean divided = main.role() == Role.EXPONENTS && mixed;
    return Outcome.of(divided ? main.as(Role.ATTENTION) : main);
  }

  /** Sums may have more added to them, as in a softmax that may attend to nothing. */
  private static Outcome statistic(@Nullable CachedValue[] in) {
    CachedValue statistic = first(in);
    AttentionDraft attention = statistic.attention();
    if (attention != null && Arrays.stream(in).anyMatch(Objects::isNull)) {
      attention.hasSinks();
    }
    return Outcome.of(statistic);
  }

  private Outcome softmax(NodeProto node, CachedValue data, Role result) {
    if (data.role() != Role.SCORES || data.attention() == null) {
      return Outcome.refused("takes the softmax of " + data.role().title());
    }
    long axis = new NodeAttributes(node).integer("axis", -1);
    boolean last = axis == -1 || (data.rank() == 0 ? axis >= 2 : axis == data.rank() - 1);
    if (!last) {
      return Outcome.refused("takes the softmax over axis " + axis + " and not over the tokens");
    }
    return begins(data, node.getInput(0))
        ? Outcome.of(data.as(result))
        : Outcome.refused(TWO_SOFTMAXES);
  }

  private static boolean begins(CachedValue data, String value) {
    AttentionDraft attention = data.attention();
    // Behind the columns of no token, or behind a subtracted maximum, it has begun already.
    return attention != null
        && !data.pastOnly()
        && (attention.hasBegunSoftmax() || attention.beginsSoftmax(value, data.type()));
  }

  private static Outcome exponential(NodeProto node, CachedValue data) {
    if (data.role() == Role.LOGARITHMS) {
      return Outcome.of(data.as(Role.ATTENTION));
    }
    if (data.role() != Role.SCORES || !begins(data, node.getInput(0))) {
      return Outcome.refused("takes the exponential of " + data.role().title());
    }
    return Outcome.of(data.as(Role.EXPONENTS));
  }

  private static Outcome reduce(NodeProto node, CachedValue data) {
    if (data.role() == Role.ATTENTION) {
      return Outcome.of(data.as(Role.OBSERVED));
    }
    if (data.isCache()) {
      return Outcome.refused("reduces " + data.role().title());
    }
    if (data.role() == Role.SCORES && !begins(data, node.getInput(0))) {
      return Outcome.refused(TWO_SOFTMAXES);
    }
    return Outcome.of(data.as(Role.STATISTIC));
  }

  private static Outcome flag(NodeProto node, CachedValue data) {
    if (data.isCache()) {
      return Outcome.refused("compares " + data.role().title());
    }
    return Outcome.of(data.as(Role.FLAGS));
  }
}
