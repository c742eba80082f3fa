/**
 * What is asked: requests of OpenAI's interface as records. {@link
 * dev.kvpress.compare.serve.ask.CompletionReader} and {@link
 * dev.kvpress.compare.serve.ask.ChatReader} read them out of JSON, field by field, and refuse what
 * they do not understand by its name.
 */
@NullMarked
package dev.kvpress.compare.serve.ask;

import org.jspecify.annotations.NullMarked;
