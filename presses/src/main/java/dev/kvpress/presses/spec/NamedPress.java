package dev.kvpress.presses.spec;

import dev.kvpress.presses.ModelPress;

/**
 * A press together with what was written to get it.
 *
 * @param spec with all defaults that were filled in from the command line
 * @param descriptor the catalogue line
 * @param press the press itself
 */
public record NamedPress(PressSpec spec, PressDescriptor descriptor, ModelPress press) {}
