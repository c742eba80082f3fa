/**
 * The key-value cache: it takes what a pass has computed, carries out the edits of presses by
 * really removing tokens, forks for another method, and knows its bytes.
 *
 * <p>Start at {@link dev.kvpress.runtime.cache.LayerStore}. What is known of the tokens apart from
 * keys and values stands beside it, in {@link dev.kvpress.presses.signal.LayerLedger}.
 */
@NullMarked
package dev.kvpress.runtime.cache;

import org.jspecify.annotations.NullMarked;
