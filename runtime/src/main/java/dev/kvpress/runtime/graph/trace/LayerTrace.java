package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was found of the cache of one layer. */
public final class LayerTrace {
  private final List<AttentionDraft> drafts = new ArrayList<>();
  private final List<ShapeOperand> shapes = new ArrayList<>();
  private @Nullable String refusal;

  LayerTrace() {}

  /**
   * An operand that shapes an image of the cache: it must follow the tokens that are really there.
   *
   * @param node node that shapes
   * @param input index of the operand among its inputs
   */
  public record ShapeOperand(NodeProto node, int input) {}

  void begun(AttentionDraft draft) {
    if (!drafts.contains(draft)) {
      drafts.add(draft);
    }
  }

  void shaped(NodeProto node, int input) {
    shapes.add(new ShapeOperand(node, input));
  }

  void refuse(String reason) {
    if (refusal == null) {
      refusal = reason;
    }
  }

  /** Where the cache is read, in the order of the graph; usually once. */
  public List<TracedAttention> attentions() {
    return drafts.stream().flatMap(draft -> draft.finished().stream()).toList();
  }

  /** Operands that follow from the length of the cache. */
  public List<ShapeOperand> shapes() {
    return List.copyOf(shapes);
  }

  /** What was not understood, naming the node; empty where everything was. */
  public Optional<String> refusal() {
    if (refusal == null && drafts.stream().anyMatch(d -> d.finished().isEmpty())) {
      return Optional.of("its scores never meet its values");
    }
    return Optional.ofNullable(refusal);
  }
}
