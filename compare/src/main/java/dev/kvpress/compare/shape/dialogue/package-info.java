/** Shapes of files whose rows are several questions about one context. */
@NullMarked
package dev.kvpress.compare.shape.dialogue;

import org.jspecify.annotations.NullMarked;
