/**
 * Compressed contexts in files: in goes what the layers of a context hold and what is known of it,
 * out comes a safetensors file, and the other way round by mapping it.
 *
 * <p>Start at {@link dev.kvpress.runtime.saved.SavedContext}, which reads and checks a file; {@link
 * dev.kvpress.runtime.saved.ContextWriter} writes one. Contexts themselves are saved and loaded by
 * {@code Context.save} and {@code DecoderModel.loadContext}. See docs/adr/0024-saved-contexts.md.
 */
@NullMarked
package dev.kvpress.runtime.saved;

import org.jspecify.annotations.NullMarked;
