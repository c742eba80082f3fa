/**
 * What a run is going to do, as plain data: cells, tasks, samples and the keys of the work. From a
 * plan and a journal alone everything that is reported can be made, by any process, without model,
 * data and presses.
 *
 * <p>Start at {@link dev.kvpress.compare.run.plan.RunPlan}.
 */
@NullMarked
package dev.kvpress.compare.run.plan;

import org.jspecify.annotations.NullMarked;
