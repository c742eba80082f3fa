/** Presses that let the model read the context a second time. */
@NullMarked
package dev.kvpress.presses.reading;

import org.jspecify.annotations.NullMarked;
