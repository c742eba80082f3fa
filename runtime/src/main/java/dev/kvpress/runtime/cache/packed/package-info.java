/**
 * Caches in 8, 4 or 2 bits: keys in blocks of one channel over a group of tokens, values in blocks
 * of neighbouring channels of one token (KIVI, arXiv 2402.02750), the most recent tokens in full.
 *
 * <p>Start at {@link dev.kvpress.runtime.cache.packed.PackedLayerStore}; what one block is stored
 * as stands in {@link dev.kvpress.runtime.cache.packed.BlockGrid}.
 */
@NullMarked
package dev.kvpress.runtime.cache.packed;

import org.jspecify.annotations.NullMarked;
