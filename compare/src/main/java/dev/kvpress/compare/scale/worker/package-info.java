/**
 * Worker processes of one comparison: contexts go out, lines of the journal come in.
 *
 * <p>A {@link dev.kvpress.compare.scale.worker.WorkerPool} starts processes, hands each a context
 * at a time and takes what they say, a {@link dev.kvpress.compare.scale.worker.Line} each. A worker
 * prepares the same schedule by itself and answers in {@link
 * dev.kvpress.compare.scale.worker.WorkerLoop}. A worker that dies is started again, its context is
 * tried once more; only the process that has the pool writes files.
 */
@NullMarked
package dev.kvpress.compare.scale.worker;

import org.jspecify.annotations.NullMarked;
