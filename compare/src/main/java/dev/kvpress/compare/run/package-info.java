/**
 * The comparison itself: which cells there are, and what each sample gives in each of them.
 *
 * <p>A {@link dev.kvpress.compare.run.CellPlan} is one method at one budget, an {@link
 * dev.kvpress.compare.run.Assignment} one task with its samples. {@link
 * dev.kvpress.compare.run.Schedule} puts samples with the same context together; the runner
 * prefills each context once, compresses it once for each cell and lets every probe ask a fork of
 * that. a {@link dev.kvpress.compare.run.WorkLog} takes down what is done, and {@link
 * dev.kvpress.compare.run.TaskCells} makes cells of it again; {@link
 * dev.kvpress.compare.run.CellChecks} decides whether one may be called a result.
 *
 * <p>Start at {@link dev.kvpress.compare.run.Comparison}.
 */
@NullMarked
package dev.kvpress.compare.run;

import org.jspecify.annotations.NullMarked;
