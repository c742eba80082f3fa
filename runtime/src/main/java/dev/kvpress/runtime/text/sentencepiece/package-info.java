/**
 * SentencePiece models ({@code tokenizer.model}) without their native library.
 *
 * <p>In: the bytes of a model file. Out: ids for a text and text for ids, the same that the
 * library's own processor gives. Everything works on UTF-8 bytes, as the format does. Start at
 * {@link dev.kvpress.runtime.text.sentencepiece.SentencePieceModel}.
 *
 * <p>Special tokens in a text, BOS and EOS are not SentencePiece's business; {@code runtime.text}
 * adds them.
 */
@NullMarked
package dev.kvpress.runtime.text.sentencepiece;

import org.jspecify.annotations.NullMarked;
