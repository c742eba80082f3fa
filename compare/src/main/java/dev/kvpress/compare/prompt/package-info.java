/**
 * How prompts are written: in goes what a sample says (context, question, beginning of the answer),
 * out come token ids in the parts that a cache sees one after the other.
 *
 * <p>Start at {@link dev.kvpress.compare.prompt.PromptWriter}, which has the two ways there are: a
 * question as kvpress's pipeline writes it, with or without a chat template, and a running text.
 * Several choices are {@code ChoiceTokens}' business, as lm-evaluation-harness writes them.
 */
@NullMarked
package dev.kvpress.compare.prompt;

import org.jspecify.annotations.NullMarked;
