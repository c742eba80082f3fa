package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.List;

/**
 * One attention over the cache of a layer.
 *
 * @param product node that multiplies queries and keys
 * @param queryInput index of the queries among its inputs
 * @param interleaved whether query head h reads KV head h mod G and not h / (H/G)
 * @param scores value just before the softmax, after all masks: a bias may be added here
 * @param scoresType its type
 * @param sides what is combined with scores or attention element by element
 * @param attention value that is multiplied with the cached values: {@code [B,H,Q,T]}, {@code
 *     [B*H,Q,T]} or {@code [B,G,g*Q,T]}, heads before queries in any case
 * @param context node that multiplies it
 * @param sinks whether something that is no token takes a share of the softmax, so that rows may
 *     sum to less than 1
 */
public record TracedAttention(
    NodeProto product,
    int queryInput,
    boolean interleaved,
    String scores,
    ElementType scoresType,
    List<SideOperand> sides,
    String attention,
    NodeProto context,
    boolean sinks) {

  /** Takes a copy of the sides. */
  public TracedAttention {
    sides = List.copyOf(sides);
  }

  /** The queries as they are multiplied with the keys. */
  public String queries() {
    return product.getInput(queryInput);
  }

  /**
   * An operand that is spread over scores.
   *
   * @param node node that combines the two
   * @param input index of the operand among its inputs
   * @param scores the value it is combined with, of full shape
   * @param pastOnly whether these are scores of the past alone, without new tokens
   */
  public record SideOperand(NodeProto node, int input, String scores, boolean pastOnly) {

    /** Name of the operand. */
    public String value() {
      return node.getInput(input);
    }
  }
}
