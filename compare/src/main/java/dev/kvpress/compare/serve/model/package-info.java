/**
 * What is served: one model under several names, presses by name, and contexts that were compressed
 * before. {@link dev.kvpress.compare.serve.model.PressDesk} decides which press cuts the cache of a
 * request, {@link dev.kvpress.compare.serve.model.ContextShelf} holds compressed contexts.
 */
@NullMarked
package dev.kvpress.compare.serve.model;

import org.jspecify.annotations.NullMarked;
