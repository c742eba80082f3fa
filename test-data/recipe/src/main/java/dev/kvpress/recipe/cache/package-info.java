/**
 * What the decoder answers when heads have lost part of the context: the context is read once with
 * the full cache ({@link dev.kvpress.recipe.cache.ReadContext}), tokens are ordered by the scores
 * of presses and selected, and questions are asked behind what is left. Start at {@link
 * dev.kvpress.recipe.cache.HeadStudy}.
 *
 * <p>This module does not see the presses of the build, so that their scores and selections are
 * written here a second time, for one row and a prefill.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.cache;
