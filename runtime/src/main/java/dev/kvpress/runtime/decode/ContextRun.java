package dev.kvpress.runtime.decode;

import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.saved.ContextNotes;
import java.util.Set;

/**
 * Where a context goes on, beside its caches.
 *
 * @param nextPosition {@code [B]}
 * @param firstStepEnd {@code [B]}
 * @param observing whether it still observes, or has been told to stop
 */
record ContextRun(
    int[] nextPosition,
    int[] firstStepEnd,
    Set<Signal> signals,
    boolean observing,
    Phase phase,
    int lastStepTokens,
    boolean fusedAllowed,
    int reserve,
    ContextNotes notes) {}
