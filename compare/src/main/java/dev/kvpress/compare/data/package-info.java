/**
 * Data files on their way into a comparison: what holds the rows, and what the samples of tasks
 * are.
 *
 * <p>In: a file, opened by {@link dev.kvpress.compare.data.Containers} whatever holds its rows, or
 * the folder of a data set ({@link dev.kvpress.compare.data.DatasetFolder}). Out: {@link
 * dev.kvpress.compare.data.Row}s, which {@link dev.kvpress.compare.shape} reads into {@link
 * dev.kvpress.compare.data.Document}s, {@link dev.kvpress.compare.data.Question}s, {@link
 * dev.kvpress.compare.data.SummaryRequest}s and {@link dev.kvpress.compare.data.ChoiceQuestion}s,
 * in file order through a {@link dev.kvpress.compare.data.SampleReader}. {@link
 * dev.kvpress.compare.data.EncodedDocuments#encode} makes documents ready for a prefill; {@link
 * dev.kvpress.compare.data.JsonLines} serves every command that reads JSON lines.
 */
@NullMarked
package dev.kvpress.compare.data;

import org.jspecify.annotations.NullMarked;
