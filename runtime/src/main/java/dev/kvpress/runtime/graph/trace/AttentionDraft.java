package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.trace.TracedAttention.SideOperand;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An attention of which not all has been seen yet. */
final class AttentionDraft {
  private final NodeProto product;
  private final int queryInput;
  private final boolean interleaved;
  private final List<SideOperand> sides = new ArrayList<>();
  private @Nullable String scores;
  private @Nullable ElementType scoresType;
  private @Nullable String attention;
  private @Nullable NodeProto context;
  private boolean sinks;

  AttentionDraft(NodeProto product, int queryInput, boolean interleaved) {
    this.interleaved = interleaved;
    this.product = product;
    this.queryInput = queryInput;
  }

  void side(NodeProto node, int input, String beside, boolean pastOnly) {
    sides.add(new SideOperand(node, input, beside, pastOnly));
  }

  /**
   * The softmax begins with these scores.
   *
   * @return whether it had not begun with others
   */
  boolean beginsSoftmax(String value, ElementType type) {
    if (scores == null) {
      scores = value;
      scoresType = type;
    }
    return scores.equals(value);
  }

  /** Something that is no token takes a share of the softmax. */
  void hasSinks() {
    sinks = true;
  }

  boolean hasBegunSoftmax() {
    return scores != null;
  }

  /**
   * The attention is multiplied with values.
   *
   * @return whether that had not happened elsewhere
   */
  boolean ends(String value, NodeProto node) {
    if (context == null) {
      attention = value;
      context = node;
    }
    return context.equals(node);
  }

  /** Empty where no values are ever averaged. */
  Optional<TracedAttention> finished() {
    return scores == null || scoresType == null || attention == null || context == null
        ? Optional.empty()
        : Optional.of(
            new TracedAttention(
                product,
                queryInput,
                interleaved,
                scores,
                scoresType,
                sides,
                attention,
                context,
                sinks));
  }
}
