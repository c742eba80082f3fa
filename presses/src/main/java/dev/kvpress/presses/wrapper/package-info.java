/**
 * Presses around other presses: they take the scores or edits of the press inside and decide
 * differently. Start at {@link dev.kvpress.presses.wrapper.DmsPress}.
 */
@NullMarked
package dev.kvpress.presses.wrapper;

import org.jspecify.annotations.NullMarked;
