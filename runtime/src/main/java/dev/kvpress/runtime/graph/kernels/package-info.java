/**
 * A graph in, the nodes that a GPU has no kernel for out: they run on the processor, and what they
 * read and write crosses the bus.
 *
 * <p>Start at {@link dev.kvpress.runtime.graph.kernels.CudaKernels#fallbacks}. What it knows stands
 * in a table of facts, {@code cuda.txt}, and needs no GPU.
 */
@NullMarked
package dev.kvpress.runtime.graph.kernels;

import org.jspecify.annotations.NullMarked;
