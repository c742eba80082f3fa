/**
 * What a data file is: its shape. A {@link dev.kvpress.compare.shape.DataShape} says by its {@link
 * dev.kvpress.compare.shape.ShapeCard} which columns it has and what is asked of it, and turns a
 * row into a sample of its kind: {@link dev.kvpress.compare.shape.TextShape}, {@link
 * dev.kvpress.compare.shape.QuestionShape}, {@link dev.kvpress.compare.shape.SummaryShape} or
 * {@link dev.kvpress.compare.shape.ChoiceShape}.
 *
 * <p>The shapes stand in the packages below, one class each; {@code catalog} lists them and finds
 * the one that a file has. See docs/adding-a-dataset.md.
 */
@NullMarked
package dev.kvpress.compare.shape;

import org.jspecify.annotations.NullMarked;
