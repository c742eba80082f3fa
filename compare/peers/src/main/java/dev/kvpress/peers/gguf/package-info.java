/**
 * A small writer of GGUF files, version 3, out of the public description of the format: the weights
 * of a Llama in a Hugging Face folder go in, one file for llama.cpp comes out.
 *
 * <p>Start at {@link dev.kvpress.peers.gguf.LlamaGguf}.
 */
@NullMarked
package dev.kvpress.peers.gguf;

import org.jspecify.annotations.NullMarked;
