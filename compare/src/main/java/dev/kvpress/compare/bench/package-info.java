/**
 * Measures what signals cost and what eviction gains, on a random model of a fixed shape.
 *
 * <p>Start at {@link dev.kvpress.compare.bench.BenchMain}: {@code prefill} and {@code decode} start
 * a fresh JVM for each run ({@link dev.kvpress.compare.bench.ChildJvm}), which measures itself and
 * prints one line of {@link dev.kvpress.compare.bench.Figures}; the parent takes medians and prints
 * a table.
 */
@NullMarked
package dev.kvpress.compare.bench;

import org.jspecify.annotations.NullMarked;
