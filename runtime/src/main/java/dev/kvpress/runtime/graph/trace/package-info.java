/**
 * What a decoder of somebody else does with its cache, found by following it.
 *
 * <p>In goes a graph with its {@link dev.kvpress.runtime.graph.DecoderInterface}. {@link
 * dev.kvpress.runtime.graph.trace.CacheTrace} starts at the past keys and values of each layer and
 * goes on to whoever reads them, until keys have met queries and values have been averaged. Out
 * comes for each layer which product gives the scores, where the mask enters, which value is the
 * attention, and which shapes depend on the length of the cache; or the node that was not
 * understood.
 */
@NullMarked
package dev.kvpress.runtime.graph.trace;

import org.jspecify.annotations.NullMarked;
