/**
 * The endpoint. {@link dev.kvpress.compare.serve.http.ModelServer} listens; the guard decides what
 * may be answered, routes lead to {@link dev.kvpress.compare.serve.answer.Answers}, and an exchange
 * is a request under way: its body comes without a thread, its answer is written by one, and a
 * watch looks whether its client is still there.
 */
@NullMarked
package dev.kvpress.compare.serve.http;

import org.jspecify.annotations.NullMarked;
