/**
 * Jinja, as far as chat templates take it, with Python's meaning of every value.
 *
 * <p>Why not a library: of those for the JVM none keeps Python's semantics, and where they differ
 * they say nothing (ADR 11). Here, what is not supported is an error that names it. Start at {@link
 * dev.kvpress.runtime.text.jinja.JinjaTemplate}; a text becomes {@code Token}s, these a tree of
 * {@code Statement}s and {@code Expression}s, and that runs over a {@code Scope}.
 *
 * <p>Values are {@code String}, {@code Boolean}, {@code Long}, {@code Double}, {@code List}, {@code
 * Map}, {@link dev.kvpress.runtime.text.jinja.None}, {@code Undefined} and {@code Callable}.
 */
@NullMarked
package dev.kvpress.runtime.text.jinja;

import org.jspecify.annotations.NullMarked;
