/**
 * A checkpoint in, a decoder graph out.
 *
 * <p>{@link dev.kvpress.runtime.export.Checkpoint#open} reads a Hugging Face folder or a llama2.c
 * file; {@link dev.kvpress.runtime.export.ModelExporter} writes one graph to a file of the caller's
 * choice; {@link dev.kvpress.runtime.export.ExportCache} keeps both forms of a model, sharing one
 * file of weights, under the hash of its content.
 *
 * <p>Letters in shapes: B batch, H query heads, G KV heads, g = H / G, P past length of one layer,
 * Q queries of this pass, D head size, E hidden size, V vocabulary.
 */
@NullMarked
package dev.kvpress.runtime.export;

import org.jspecify.annotations.NullMarked;
