/**
 * Says which presses work on which models: a catalogue of presses and opened models come in, a
 * table of what was really tried goes out. Start at {@link
 * dev.kvpress.compare.support.SupportTable}.
 */
@NullMarked
package dev.kvpress.compare.support;

import org.jspecify.annotations.NullMarked;
