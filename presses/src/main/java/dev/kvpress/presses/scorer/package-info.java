/**
 * Presses that give each token a score: signals of one layer in, {@code [B, G, S]} out.
 *
 * <p>One press, one file: its idea, its source, its parameters, its catalogue line. {@link
 * dev.kvpress.presses.scorer.KnormPress} is the shortest to learn from, {@link
 * dev.kvpress.presses.scorer.H2oPress} the one with its own sizes and decoding.
 */
@NullMarked
package dev.kvpress.presses.scorer;

import org.jspecify.annotations.NullMarked;
