/**
 * The measures that benchmarks take in their own code, by the names of their data sets: what a
 * model wrote and what was expected come in, a figure in [0, 1] goes out that equals the original's
 * on the same texts, where the original gives one. Quirks included; where one is left out, the
 * class says so.
 *
 * <p>Start at {@link dev.kvpress.compare.metric.official.OfficialScores}, the one list of data
 * sets; docs/tasks.md prints it.
 */
@NullMarked
package dev.kvpress.compare.metric.official;

import org.jspecify.annotations.NullMarked;
