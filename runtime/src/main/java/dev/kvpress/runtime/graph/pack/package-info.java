/**
 * Weights rearranged for the processor, once and in a file, and mapped by every session.
 *
 * <p>The engine's products of quantized weights read a rearranged copy, which each session would
 * make in memory of its own. {@link dev.kvpress.runtime.graph.pack.PackedWeights} writes these
 * copies behind the weights of an export and lets every graph refer to them; {@link
 * dev.kvpress.runtime.graph.pack.PackedCopy} does so for graphs that come with weights of their
 * own, over a file in the cache; {@link dev.kvpress.runtime.graph.pack.SharedProducts} keeps
 * float32 weights from being rearranged. See docs/adr/0014-packed-weights-in-the-file.md.
 */
@NullMarked
package dev.kvpress.runtime.graph.pack;

import org.jspecify.annotations.NullMarked;
