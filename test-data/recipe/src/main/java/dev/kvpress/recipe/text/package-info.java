/**
 * Word lists and sentence forms in, documents out: stories, recall documents, copy documents and
 * retrieval examples, each a pure function of its split and number. Start at {@link
 * dev.kvpress.recipe.text.Texts}.
 */
@org.jspecify.annotations.NullMarked
package dev.kvpress.recipe.text;
