/**
 * Any decoder graph in, the same graph emitting the signals that presses ask for out.
 *
 * <p>Start at {@link dev.kvpress.runtime.graph.DecoderGraph#read}, which finds the inputs and
 * outputs that make a decoder with a cache ({@link dev.kvpress.runtime.graph.DecoderInterface});
 * {@link dev.kvpress.runtime.graph.GraphTap#tap} turns a {@link
 * dev.kvpress.runtime.graph.TapRequest} into a {@link dev.kvpress.runtime.graph.TappedGraph} that a
 * session opens.
 *
 * <p>Letters in shapes: B batch, H query heads, G KV heads, S cached tokens, P past length of one
 * layer, Q queries of this pass, T = P + Q, D head size, E hidden size, V vocabulary.
 */
@NullMarked
package dev.kvpress.runtime.graph;

import org.jspecify.annotations.NullMarked;
