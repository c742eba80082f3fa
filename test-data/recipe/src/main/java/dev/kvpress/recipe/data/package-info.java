/**
 * Documents of the test split in, JSON lines out. Start at {@link
 * dev.kvpress.recipe.data.Datasets}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.data;
