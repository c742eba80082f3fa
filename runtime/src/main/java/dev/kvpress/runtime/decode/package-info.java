/**
 * Drives a model: prefill in chunks, compress, decode on, fork and begin again.
 *
 * <p>{@link dev.kvpress.runtime.decode.DecoderModel} is a loaded model, {@link
 * dev.kvpress.runtime.decode.Context} one conversation with its cache; {@link
 * dev.kvpress.runtime.decode.TokenGenerator} continues a prompt and {@link
 * dev.kvpress.runtime.decode.Pipeline} answers questions about a context; {@link
 * dev.kvpress.runtime.decode.Batch} generates for many requests at once. Tokens go in, logits and
 * an account of the cache come out.
 */
@NullMarked
package dev.kvpress.runtime.decode;

import org.jspecify.annotations.NullMarked;
