/**
 * Inner loops over primitive arrays that several presses share. They check nothing; their callers
 * do. Start at {@link dev.kvpress.presses.kernel.Vectors}.
 */
@NullMarked
package dev.kvpress.presses.kernel;

import org.jspecify.annotations.NullMarked;
