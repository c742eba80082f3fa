/**
 * Presses: the signals of one layer come in, an edit of its key-value cache goes out.
 *
 * <p>Start at {@link dev.kvpress.presses.Press} (the contract), {@link
 * dev.kvpress.presses.ScorerPress} (write one method and have a press) and {@link
 * dev.kvpress.presses.spec.PressCatalog} (the list of all of them). This module is pure Java: it
 * knows neither ONNX Runtime nor files nor a logger.
 */
@NullMarked
package dev.kvpress.presses;

import org.jspecify.annotations.NullMarked;
