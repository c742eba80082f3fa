/**
 * Matrices that a checkpoint holds as whole numbers with scales, as GPTQ, AWQ and
 * compressed-tensors lay them out.
 *
 * <p>{@link dev.kvpress.runtime.export.packed.PackedLayouts} reads quantization_config and gives
 * the layout; the layout opens the tensors that stand for a weight as a {@link
 * dev.kvpress.runtime.export.packed.PackedMatrix}, which gives its numbers or, where the engine has
 * a product for them, its blocks as they are. See docs/adr/0016-quantized-checkpoints.md.
 */
@NullMarked
package dev.kvpress.runtime.export.packed;

import org.jspecify.annotations.NullMarked;
