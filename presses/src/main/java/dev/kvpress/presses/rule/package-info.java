/**
 * Presses with a rule of their own instead of a score per token and head: channels, whole layers,
 * one score for all layers. Start at {@link dev.kvpress.presses.rule.SimLayerKvPress}.
 */
@NullMarked
package dev.kvpress.presses.rule;

import org.jspecify.annotations.NullMarked;
