/**
 * The log of a command: {@link dev.kvpress.compare.internal.log.CommandLog} writes to a stream what
 * SLF4J is told, for as long as a command wants it, and nothing is written otherwise.
 */
@NullMarked
package dev.kvpress.compare.internal.log;

import org.jspecify.annotations.NullMarked;
