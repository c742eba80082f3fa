/**
 * Timings, not part of the tests: {@link dev.kvpress.presses.bench.ScorerBenchmark} has a {@code
 * main}.
 */
@NullMarked
package dev.kvpress.presses.bench;

import org.jspecify.annotations.NullMarked;
