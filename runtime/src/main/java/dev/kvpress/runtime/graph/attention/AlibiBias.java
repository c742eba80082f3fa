package dev.kvpress.runtime.graph.attention;

/** What ALiBi adds to a score. */
public enum AlibiBias {
  /** slope · (key position − query position), as in the paper. */
  OF_DISTANCE,
  /**
   * scale · bfloat16(slope · key position): Falcon's. The same for the softmax but for the
   * rounding, which grows with the position and is part of what the model computes.
   */
  OF_ROUNDED_POSITION
}
