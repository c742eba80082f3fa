/**
 * Weights rearranged for the processor, once and in a file.
 *
 * <p>The engine's products of quantized weights read a rearranged copy, which each session would
 * make in memory of its own. {@link dev.kvpress.runtime.graph.pack.PackedWeights} writes these
 * copies behind the weights and lets every graph refer to them, so that all sessions map the same
 * pages. See docs/adr/0014-packed-weights-in-the-file.md.
 */
@NullMarked
package dev.kvpress.runtime.graph.pack;

import org.jspecify.annotations.NullMarked;
