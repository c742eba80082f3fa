/** Shapes of files of questions with several choices, one class each. */
@NullMarked
package dev.kvpress.compare.shape.choice;

import org.jspecify.annotations.NullMarked;
