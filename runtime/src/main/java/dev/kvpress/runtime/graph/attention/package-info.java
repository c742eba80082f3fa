/**
 * The attention of one layer, cache included, written as nodes.
 *
 * <p>{@link dev.kvpress.runtime.graph.attention.AttentionShape} says what is to be computed, an
 * {@link dev.kvpress.runtime.graph.attention.AttentionBlock} writes it: out of standard operators,
 * which give every signal and take ragged caches, or as one fused operator. Used by the exporter
 * and by whoever rewrites graphs of others.
 */
@NullMarked
package dev.kvpress.runtime.graph.attention;

import org.jspecify.annotations.NullMarked;
