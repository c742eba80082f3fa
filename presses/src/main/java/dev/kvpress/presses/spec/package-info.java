/**
 * Presses by name: text becomes a {@link dev.kvpress.presses.spec.PressSpec}, the {@link
 * dev.kvpress.presses.spec.PressCatalog} turns it into a press.
 *
 * <p>One line of a {@link dev.kvpress.presses.spec.PressProvider} adds a press; jars on the class
 * path add theirs through {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.kvpress.presses.spec;

import org.jspecify.annotations.NullMarked;
