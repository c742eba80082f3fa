package dev.kvpress.runtime.graph.attention;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the attention of one layer computes: softmax(cap(scale · q·k) + bias) · v.
 *
 * @param heads query heads H
 * @param kvHeads KV heads G, a divisor of H
 * @param headSize D
 * @param scale factor on the scores
 * @param softcap c in c · tanh(score / c), 0 for none
 * @param window a query at position p sees keys at positions &gt; p − window; 0 for no window
 * @param alibiSlopes {@code [H]}, empty for no ALiBi
 * @param alibiBias what is added to a score; distance where nothing is said
 * @param sinks whether every head has a learned score which takes part in the softmax and belongs
 *     to no token (gpt-oss)
 */
public record AttentionShape(
    int heads,
    int kvHeads,
    int headSize,
    double scale,
    double softcap,
    int window,
    List<Float> alibiSlopes,
    @Nullable AlibiBias alibiBias,
    boolean sinks) {

  /** Checks every size against the others. */
  public AttentionShape {
    checkArgument(heads >= 1, "heads must be at least 1, found %s", heads);
    checkArgument(
        kvHeads >= 1 && heads % kvHeads == 0,
        "the number of heads must be a multiple of the KV heads, found %s and %s",
        heads,
        kvHeads);
    checkArgument(headSize >= 1, "the head size must be at least 1, found %s", headSize);
    checkArgument(
        scale > 0 && Double.isFinite(scale), "the scale must be positive, found %s", scale);
    checkArgument(
        softcap >= 0 && Double.isFinite(softcap),
        "the soft-cap must not be negative, found %s",
        softcap);
    checkArgument(window >= 0, "the window must not be negative, found %s", window);
    alibiSlopes = List.copyOf(alibiSlopes);
    // Graphs of the first versions do not say.
    alibiBias = alibiBias == null ? AlibiBias.OF_DISTANCE : alibiBias;
    checkArgument(
        alibiSlopes.isEmpty() || alibiSlopes.size() == heads,
        "expected one ALiBi slope for each of %s heads, found %s",
        heads,
        alibiSlopes.size());
  }

  /** Plain attention over all that is cached, scaled by 1/√D. */
  public static AttentionShape plain(int heads, int kvHeads, int headSize) {
    return new AttentionShape(
        heads,
        kvHeads,
        headSize,
        1 / Math.sqrt(headSize),
        0,
        0,
        List.of(),
        AlibiBias.OF_DISTANCE,
        false);
  }

  /** With another factor before the softmax. */
  public AttentionShape withScale(double other) {
    return new AttentionShape(
        heads, kvHeads, headSize, other, softcap, window, alibiSlopes, alibiBias, sinks);
  }

  /** With logits bounded smoothly, or not bounded (0). */
  public AttentionShape withSoftcap(double other) {
    return new AttentionShape(
        heads, kvHeads, headSize, scale, other, window, alibiSlopes, alibiBias, sinks);
  }

  /** With a sliding window, or with none (0). */
  public AttentionShape withWindow(int other) {
    return new AttentionShape(
        heads, kvHeads, headSize, scale, softcap, other, alibiSlopes, alibiBias, sinks);
  }

  /** With a bias by distance, one slope a head. */
  public AttentionShape withAlibi(List<Float> slopes) {
    return withAlibi(slopes, AlibiBias.OF_DISTANCE);
  }

  /** With a bias of this kind, one slope a head. */
  public AttentionShape withAlibi(List<Float> slopes, AlibiBias bias) {
    return new AttentionShape(
        heads, kvHeads, headSize, scale, softcap, window, slopes, bias, sinks);
  }

  /** With a learned logit a head that takes a share of the softmax. */
  public AttentionShape withSinks() {
    return new AttentionShape(
        heads, kvHeads, headSize, scale, softcap, window, alibiSlopes, alibiBias, true);
  }

  /** Query heads that share one KV head, g. */
  public int groupSize() {
    return heads / kvHeads;
  }

  /** Whether scores depend on where cached tokens stood in the text. */
  public boolean needsPositions() {
    return window > 0 || !alibiSlopes.isEmpty();
  }

  /** Whether ONNX Runtime's fused operator computes this: it has no ALiBi and refuses odd sizes. */
  public boolean fusable() {
    return alibiSlopes.isEmpty() && headSize % 8 == 0;
  }
}
