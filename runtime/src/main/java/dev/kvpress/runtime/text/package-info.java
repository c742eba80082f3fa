/**
 * Text to token ids and back.
 *
 * <p>In: the tokenizer files that lie beside a model. Out: ids for {@code input_ids}, and text for
 * ids. Nothing here reaches the network. Start at {@link dev.kvpress.runtime.text.Tokenizers#find},
 * which picks the implementation by the files it sees, and {@link
 * dev.kvpress.runtime.text.Tokenizer}.
 */
@NullMarked
package dev.kvpress.runtime.text;

import org.jspecify.annotations.NullMarked;
