/**
 * The configuration of a model in, its decoder graph out: one class for each architecture.
 *
 * <p>{@link dev.kvpress.runtime.export.architecture.Architectures} finds the class by the name that
 * config.json gives; an {@link dev.kvpress.runtime.export.architecture.Architecture} reads its
 * configuration and writes its layers as its paper draws them, out of the parts that a {@link
 * dev.kvpress.runtime.export.architecture.BlockWriter} offers. Which weights there are follows from
 * which ones the layers use. Nobody outside this package knows architectures.
 */
@NullMarked
package dev.kvpress.runtime.export.architecture;

import org.jspecify.annotations.NullMarked;
