/**
 * Inner loops over primitive arrays that several presses share, and the threads that they are dealt
 * out to. Loops check nothing; their callers do. Start at {@link
 * dev.kvpress.presses.kernel.Kernels} for what takes time, at {@link
 * dev.kvpress.presses.kernel.Vectors} for the rest, and at {@link
 * dev.kvpress.presses.kernel.Workers} for the threads.
 */
@NullMarked
package dev.kvpress.presses.kernel;

import org.jspecify.annotations.NullMarked;
