/**
 * Chat templates: what a model was trained to see around the messages of a conversation.
 *
 * <p>In goes the text of a Jinja template as Hugging Face folders carry it, out comes the text that
 * a tokenizer is to encode. Start at {@link dev.kvpress.runtime.text.chat.ChatTemplate}; which
 * template a folder has is {@link dev.kvpress.runtime.text.ChatTemplates}'s business.
 */
@NullMarked
package dev.kvpress.runtime.text.chat;

import org.jspecify.annotations.NullMarked;
