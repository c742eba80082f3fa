/**
 * The recipe of the default model and data. Words and sentence forms come in ({@code text}), a
 * tokenizer ({@code bpe}), data sets ({@code data}), a trained decoder ({@code model}, {@code
 * train}) and its figures ({@code measure}) go out. Start at {@link dev.kvpress.recipe.Recipe}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe;
