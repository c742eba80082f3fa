/**
 * Runs graphs. The only package that knows ONNX Runtime.
 *
 * <p>What goes in is a {@link dev.kvpress.runtime.graph.TappedGraph}; what comes out is a {@link
 * dev.kvpress.runtime.ort.StepSession} that fills named buffers of the caller. {@link
 * dev.kvpress.runtime.ort.OrtSessionFactory} makes them.
 */
@NullMarked
package dev.kvpress.runtime.ort;

import org.jspecify.annotations.NullMarked;
