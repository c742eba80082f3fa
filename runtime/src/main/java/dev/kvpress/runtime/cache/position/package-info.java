/**
 * The station between cache and graph that says where tokens stand: at their places in the text, or
 * at the slots of the cache that they have now.
 *
 * <p>Start at {@link dev.kvpress.runtime.cache.position.Positions}, which names the two ways;
 * {@link dev.kvpress.runtime.cache.position.SlotFrame} reckons the second. The graph that rotates
 * cached keys by slot is {@link dev.kvpress.runtime.graph.RolledKeys}.
 */
@NullMarked
package dev.kvpress.runtime.cache.position;

import org.jspecify.annotations.NullMarked;
