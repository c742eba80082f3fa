/**
 * Text out of prompts and conversations, on compressed caches: what a service calls.
 *
 * <p>In goes a {@link dev.kvpress.runtime.generate.GenerationRequest}, out come {@link
 * dev.kvpress.runtime.generate.TextPiece}s as they are known and a {@link
 * dev.kvpress.runtime.generate.Generation} at the end. Start at {@link
 * dev.kvpress.runtime.generate.Generator}; token ids alone are the business of {@code
 * runtime.decode}. Nothing here knows who asks, or by which protocol.
 */
@NullMarked
package dev.kvpress.runtime.generate;

import org.jspecify.annotations.NullMarked;
