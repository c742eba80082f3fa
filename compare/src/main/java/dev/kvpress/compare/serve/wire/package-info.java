/**
 * JSON as it comes and goes. {@link dev.kvpress.compare.serve.wire.JsonText} reads a body strictly,
 * {@link dev.kvpress.compare.serve.wire.FieldRules} says which fields it may have, {@link
 * dev.kvpress.compare.serve.wire.Fields} reads them by type, and {@link
 * dev.kvpress.compare.serve.wire.ApiException} is what comes out when something is wrong.
 */
@NullMarked
package dev.kvpress.compare.serve.wire;

import org.jspecify.annotations.NullMarked;
