/**
 * A decoder and held-out documents in, perplexity and recall with the full cache out. Start at
 * {@link dev.kvpress.recipe.measure.Measurement}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.measure;
