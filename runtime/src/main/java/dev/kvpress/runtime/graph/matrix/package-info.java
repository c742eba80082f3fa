/**
 * Matrices that a graph multiplies by, read as float32 whatever form they are stored in.
 *
 * <p>{@link dev.kvpress.runtime.graph.matrix.MatrixFinder} looks at a product and gives its weight
 * as a {@link dev.kvpress.runtime.graph.matrix.ConstantMatrix}, outputs first; numbers are read,
 * and dequantized, when they are asked for. What is not understood is refused by name ({@link
 * dev.kvpress.runtime.graph.matrix.UnreadableMatrix}).
 */
@NullMarked
package dev.kvpress.runtime.graph.matrix;

import org.jspecify.annotations.NullMarked;
