/**
 * Lets a graph of somebody else go on over a cache from which tokens were removed.
 *
 * <p>Such a graph derives masks and positions from how long its cache is, and knows one length for
 * all layers. After a graft it believes that nothing was ever removed: whatever follows from the
 * length of the cache follows from the length of the text, except shapes of the cached tensors
 * themselves, and of each mask the columns of those tokens are taken that a layer still holds
 * ({@code cache_positions.N}), before {@code cache_bias.N} hides padding. Windows, ALiBi and
 * positions that a graph counts by itself are therefore right by true positions without being
 * understood one by one, every layer may have a length of its own and every head its own tokens.
 *
 * <p>Start at {@link dev.kvpress.runtime.graph.graft.CacheGraft}.
 */
@NullMarked
package dev.kvpress.runtime.graph.graft;

import org.jspecify.annotations.NullMarked;
