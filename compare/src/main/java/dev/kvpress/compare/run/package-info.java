/**
 * The comparison itself: which cells there are, and what each sample gives in each of them.
 *
 * <p>A {@link dev.kvpress.compare.run.CellPlan} is one method at one budget. {@link
 * dev.kvpress.compare.run.PrefillProtocol} and {@link dev.kvpress.compare.run.StreamingProtocol}
 * take samples through all cells; {@link dev.kvpress.compare.run.CellChecks} decides whether what
 * came out may be called a result.
 */
@NullMarked
package dev.kvpress.compare.run;

import org.jspecify.annotations.NullMarked;
