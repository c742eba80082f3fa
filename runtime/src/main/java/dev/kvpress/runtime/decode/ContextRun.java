package dev.kvpress.runtime.decode;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.saved.ContextNotes;
import java.util.Set;

/**
 * Where a context goes on, beside its caches.
 *
 * @param positions where tokens stand
 * @param nextPosition {@code [B]}, in the text
 * @param firstStepEnd {@code [B]}
 * @param reached positions up to the furthest that any token has stood at
 * @param tokens ids that have passed, evicted ones included, of a context of one row
 * @param signals what is observed
 * @param observing whether it still observes, or has been told to stop
 * @param phase of the last step
 * @param lastStepTokens tokens of it per row
 * @param fusedAllowed whether passes may go through graphs that write in place
 * @param reserve tokens to keep room for there, 0 for none
 * @param notes what is known beside what it holds
 */
record ContextRun(
    Positions positions,
    ImmutableIntArray nextPosition,
    ImmutableIntArray firstStepEnd,
    int reached,
    ImmutableIntArray tokens,
    Set<Signal> signals,
    boolean observing,
    Phase phase,
    int lastStepTokens,
    boolean fusedAllowed,
    int reserve,
    ContextNotes notes) {
  ContextRun {
    signals = ImmutableSet.copyOf(signals);
  }

  /** Nothing has passed. */
  static ContextRun start(Positions positions, int batch, Set<Signal> signals) {
    ImmutableIntArray zeros = ImmutableIntArray.copyOf(new int[batch]);
    return new ContextRun(
        positions,
        zeros,
        zeros,
        0,
        ImmutableIntArray.of(),
        signals,
        true,
        Phase.PREFILL,
        0,
        false,
        0,
        ContextNotes.NONE);
  }
}
