/**
 * What a press sees of a layer: cached keys and values, observed attention, queries.
 *
 * <p>{@link dev.kvpress.presses.signal.Signal} names what can be asked for, {@link
 * dev.kvpress.presses.signal.LayerSignals} is what arrives, {@link
 * dev.kvpress.presses.signal.LayerLedger} is the running account beside the cache from which it is
 * made: positions, attention sums and last attention rows, compacted together with the cache, and
 * moments of queries.
 */
@NullMarked
package dev.kvpress.presses.signal;

import org.jspecify.annotations.NullMarked;
