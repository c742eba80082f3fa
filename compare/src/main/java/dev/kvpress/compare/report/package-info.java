/**
 * What a comparison leaves behind: a plan and a journal come in, a table and the files {@code
 * results.json}, {@code results.csv}, {@code samples.jsonl} and {@code run.json} go out.
 *
 * <p>Start at {@link dev.kvpress.compare.report.Gather} and {@link
 * dev.kvpress.compare.report.ResultTable}.
 */
@NullMarked
package dev.kvpress.compare.report;

import org.jspecify.annotations.NullMarked;
