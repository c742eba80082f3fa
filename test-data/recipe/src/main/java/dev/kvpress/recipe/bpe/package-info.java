/**
 * Texts in, a byte-level BPE tokenizer and its tokenizer.json out. Start at {@link
 * dev.kvpress.recipe.bpe.BpeTrainer}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.bpe;
