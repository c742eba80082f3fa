/**
 * Presses on tensors from JSON lines, without a model.
 *
 * <p>Lines come in as {@link dev.kvpress.compare.data.Line}s, each goes out as one line of JSON: a
 * press's scores and kept positions ({@link dev.kvpress.compare.cases.ScoreCases}), or its trace
 * over a prefill and decoding steps ({@link dev.kvpress.compare.cases.ReplayCases}). {@link
 * dev.kvpress.compare.cases.Batch} goes through a file. Tensors are read straight into float
 * arrays, so that a line of 100 MB needs little more than itself.
 *
 * <p>Letters in shapes: B batch, H query heads, G KV heads, S cached tokens, Q tokens of a step, D
 * head size, E hidden size.
 */
@NullMarked
package dev.kvpress.compare.cases;

import org.jspecify.annotations.NullMarked;
