/**
 * Runs methods and ratios over the samples of data files.
 *
 * <p>In: {@link dev.kvpress.compare.run.RunSettings} and the cells of a {@link
 * dev.kvpress.compare.run.Sweep}. Out: the report's cells, samples and provenance. Start at {@link
 * dev.kvpress.compare.run.Comparison}. Two protocols: {@link
 * dev.kvpress.compare.run.PrefillProtocol} compresses a prefilled context once, {@link
 * dev.kvpress.compare.run.StreamingProtocol} after every step.
 */
@NullMarked
package dev.kvpress.compare.run;

import org.jspecify.annotations.NullMarked;
