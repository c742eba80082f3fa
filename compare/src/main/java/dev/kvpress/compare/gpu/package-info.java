/**
 * Whether a provider computes what the processor computes, and how fast: a model and a text in, a
 * report in Markdown out. Run by {@code bin/gpu-check}; start at {@link
 * dev.kvpress.compare.gpu.GpuCheckMain}. Everything but the GPU itself works without one: the
 * processor can be held against itself.
 */
@NullMarked
package dev.kvpress.compare.gpu;

import org.jspecify.annotations.NullMarked;
