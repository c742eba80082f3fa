/**
 * The decoder, its first weights, and the files it is kept in. Token ids in, log-probabilities out.
 * Start at {@link dev.kvpress.recipe.model.Decoder}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.model;
