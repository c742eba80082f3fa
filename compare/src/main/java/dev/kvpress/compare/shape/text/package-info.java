/** Shapes of files of documents, one class each. */
@NullMarked
package dev.kvpress.compare.shape.text;

import org.jspecify.annotations.NullMarked;
