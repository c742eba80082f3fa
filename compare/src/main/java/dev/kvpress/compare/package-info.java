/**
 * Tells which press, at which ratio, is best for a model.
 *
 * <p>A command line comes in, a table and result files go out: {@link dev.kvpress.compare.cli}
 * reads the command, {@link dev.kvpress.compare.data} the texts, {@link dev.kvpress.compare.run}
 * runs methods and ratios over them, {@link dev.kvpress.compare.report} writes what came out;
 * {@link dev.kvpress.compare.replay} runs presses on tensors from JSON lines. Start at {@link
 * dev.kvpress.compare.cli.Main}.
 */
@NullMarked
package dev.kvpress.compare;

import org.jspecify.annotations.NullMarked;
