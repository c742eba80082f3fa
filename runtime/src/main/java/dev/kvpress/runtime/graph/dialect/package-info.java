/**
 * How other tools write a decoder with a cache, and how it is read all the same.
 *
 * <p>In goes a graph as it was found, out comes a {@link
 * dev.kvpress.runtime.graph.DecoderInterface} together with the graph that it describes. Start at
 * {@link dev.kvpress.runtime.graph.dialect.Dialects}: each {@link
 * dev.kvpress.runtime.graph.dialect.Dialect} takes one peculiarity out of the graph, and {@link
 * dev.kvpress.runtime.graph.dialect.DecoderReader} reads what is then plain. Nothing behind this
 * package knows which dialect a graph was written in.
 */
@NullMarked
package dev.kvpress.runtime.graph.dialect;

import org.jspecify.annotations.NullMarked;
