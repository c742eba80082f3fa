/**
 * Finds out by running it how a graph of somebody else behaves, where nothing declares it.
 *
 * <p>What goes in is a session and the interface that was read from the graph; what comes out are
 * facts and reasons: {@link dev.kvpress.runtime.probe.PassProbe} how tokens pass, {@link
 * dev.kvpress.runtime.probe.EvictionProbe} whether the numbers stay right when tokens are removed
 * from the cache, {@link dev.kvpress.runtime.probe.AttentionProbe} whether what a tap emits is
 * attention. A few short passes each. No cause is swallowed: each stands in a refusal.
 */
@NullMarked
package dev.kvpress.runtime.probe;

import org.jspecify.annotations.NullMarked;
