/**
 * Presses on tensors from JSON lines, without a model: the parity check against other code.
 *
 * <p>Each line that comes in goes out as one line of JSON: a press's scores and kept positions
 * ({@link dev.kvpress.compare.replay.ScoreCases}), or its trace over a prefill and decoding steps
 * ({@link dev.kvpress.compare.replay.ReplayCases}). Start at these two. Tensors are read straight
 * from the stream into float arrays, so that a line of 100 MB needs little more than its floats.
 *
 * <p>Letters in shapes: B batch, H query heads, G KV heads, S cached tokens, Q tokens of a step, D
 * head size, E hidden size.
 */
@NullMarked
package dev.kvpress.compare.replay;

import org.jspecify.annotations.NullMarked;
