/**
 * Folders of runs that belong together: how far they are, and how they become one. Folders come in;
 * no model, no data and no press is needed.
 *
 * <p>Start at {@link dev.kvpress.compare.scale.shard.JoinedRun}.
 */
@NullMarked
package dev.kvpress.compare.scale.shard;

import org.jspecify.annotations.NullMarked;
