/** Shapes of files of texts with their summaries. */
@NullMarked
package dev.kvpress.compare.shape.summary;

import org.jspecify.annotations.NullMarked;
