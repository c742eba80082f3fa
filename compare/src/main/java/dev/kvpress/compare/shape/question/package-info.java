/** Shapes of files of questions about contexts, one class each. */
@NullMarked
package dev.kvpress.compare.shape.question;

import org.jspecify.annotations.NullMarked;
