/**
 * Documents in, checkpoints and a loss log out. Start at {@link dev.kvpress.recipe.train.Trainer};
 * the order of what is read is {@code Curriculum}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.train;
