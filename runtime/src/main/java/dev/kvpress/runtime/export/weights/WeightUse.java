package dev.kvpress.runtime.export.weights;

/** How a graph reads a weight. */
public enum WeightUse {
  /** x · Wᵀ with W {@code [out,in]}. */
  PRODUCT,
  /** x · W with W {@code [in,out]}. */
  TURNED_PRODUCT,
  /** Some of its rows or pieces along the first axis, chosen by index. */
  PIECES,
  /** As a whole by any other operator, or by one whose result decides what others do. */
  WHOLE
}
