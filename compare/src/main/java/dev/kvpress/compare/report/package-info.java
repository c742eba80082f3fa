/**
 * Writes what a comparison has found.
 *
 * <p>In: {@link dev.kvpress.compare.report.Cell}s, one for each method, ratio, task and data file,
 * {@link dev.kvpress.compare.report.SampleResult}s and the provenance. Out: results.json,
 * results.csv, samples.jsonl and run.json ({@link dev.kvpress.compare.report.ResultFiles}) and a
 * table for the terminal ({@link dev.kvpress.compare.report.ResultTable}).
 */
@NullMarked
package dev.kvpress.compare.report;

import org.jspecify.annotations.NullMarked;
