/**
 * Fused attention operators of others, written out in standard operators.
 *
 * <p>Such an operator counts places in its cache as positions, has one past length for all layers
 * and shows nothing of its attention. Written out, it is a product, a mask, a softmax and a product
 * like in any other graph, so that {@link dev.kvpress.runtime.graph.trace} finds its attention and
 * {@link dev.kvpress.runtime.graph.graft} lets it go on after tokens were removed.
 *
 * <p>Start at {@link dev.kvpress.runtime.graph.rewrite.FusedOperators}. Each {@link
 * dev.kvpress.runtime.graph.rewrite.OperatorRewriter} reads one operator into an {@link
 * dev.kvpress.runtime.graph.rewrite.AttentionParts}, which {@link
 * dev.kvpress.runtime.graph.rewrite.PlainAttention} writes. An attribute or input that a rewriter
 * does not know is a refusal that names it.
 */
@NullMarked
package dev.kvpress.runtime.graph.rewrite;

import org.jspecify.annotations.NullMarked;
