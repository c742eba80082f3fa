/**
 * How weights are stored in a written graph: which operators read them, which constants hold them
 * and how their numbers are rounded.
 *
 * <p>Architectures say how a weight is used and never see its format. {@link
 * dev.kvpress.runtime.export.weights.WeightPlan} chooses the form of each weight from its uses and
 * the format of the export.
 */
@NullMarked
package dev.kvpress.runtime.export.weights;

import org.jspecify.annotations.NullMarked;
