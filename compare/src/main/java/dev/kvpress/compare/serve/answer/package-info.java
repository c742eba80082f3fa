/**
 * From what is asked to what is answered. {@link dev.kvpress.compare.serve.answer.Answers} takes a
 * request of either kind and a {@link dev.kvpress.compare.serve.answer.Client}, has the generator
 * write, and sends JSON whole or in pieces; it knows no HTTP.
 */
@NullMarked
package dev.kvpress.compare.serve.answer;

import org.jspecify.annotations.NullMarked;
