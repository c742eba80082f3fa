package dev.kvpress.runtime.decode;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.saved.ContextNotes;
import java.util.Arrays;
import java.util.Set;

/** {@link ContextRun} as it moves with each pass. */
final class RunState {
  private final Standing standing;
  private final int[] nextPosition;
  private final TokenLog tokens;
  private int[] firstStepEnd;
  private int reached;
  private Set<Signal> signals;
  private boolean observing;
  private Phase phase;
  private int lastStepTokens;
  private boolean fusedAllowed;
  private int reserve;
  private ContextNotes notes;

  RunState(ContextRun run) {
    standing = Standing.of(run.positions());
    nextPosition = run.nextPosition().toArray();
    firstStepEnd = run.firstStepEnd().toArray();
    reached = run.reached();
    tokens = new TokenLog(run.tokens());
    signals = run.signals();
    observing = run.observing();
    phase = run.phase();
    lastStepTokens = run.lastStepTokens();
    fusedAllowed = run.fusedAllowed();
    reserve = run.reserve();
    notes = run.notes();
  }

  private RunState(RunState that) {
    standing = that.standing;
    nextPosition = that.nextPosition.clone();
    firstStepEnd = that.firstStepEnd;
    reached = that.reached;
    tokens = that.tokens.copy();
    signals = that.signals;
    observing = that.observing;
    phase = that.phase;
    lastStepTokens = that.lastStepTokens;
    fusedAllowed = that.fusedAllowed;
    reserve = that.reserve;
    notes = that.notes;
  }

  RunState copy() {
    return new RunState(this);
  }

  /** As it is now. */
  ContextRun now() {
    return new ContextRun(
        standing.positions(),
        ImmutableIntArray.copyOf(nextPosition),
        ImmutableIntArray.copyOf(firstStepEnd),
        reached,
        tokens.ids(),
        signals,
        observing,
        phase,
        lastStepTokens,
        fusedAllowed,
        reserve,
        notes);
  }

  /** Where tokens stand. */
  Standing standing() {
    return standing;
  }

  /** {@code [B]}, in the text. */
  int[] nextPosition() {
    return nextPosition.clone();
  }

  int nextPosition(int row) {
    return nextPosition[row];
  }

  /** All rows go on at one position. */
  void moveTo(int position) {
    Arrays.fill(nextPosition, position);
  }

  /** {@code [B]}, behind the tokens of the first step. */
  int[] firstStepEnd() {
    return firstStepEnd.clone();
  }

  /** {@code [B]} after further tokens of each row. */
  int[] positionsAfter(int newTokens) {
    return Arrays.stream(nextPosition).map(p -> p + newTokens).toArray();
  }

  /** Positions of the longest row after further tokens. */
  int endAfter(int newTokens) {
    return Arrays.stream(nextPosition).max().orElse(0) + newTokens;
  }

  /** Ids of the only row that have passed. */
  ImmutableIntArray tokens() {
    return tokens.ids();
  }

  /** Books the tokens of a pass. */
  void passed(TokenBlock block) {
    int[] valid = block.validTokens();
    for (int b = 0; b < valid.length; b++) {
      nextPosition[b] += valid[b];
    }
    if (valid.length == 1) {
      tokens.add(Arrays.copyOfRange(block.ids()[0], block.padding()[0], block.columns()));
    }
  }

  /** Books one token of the only row. */
  void passed(int id) {
    nextPosition[0]++;
    tokens.add(id);
  }

  /** The last tokens were trained ones, which are no text. */
  void markTrained(int count) {
    tokens.markLast(count);
  }

  /** Notes how far tokens have stood, positions counted. */
  void reached(int positions) {
    reached = Math.max(reached, positions);
  }

  int reached() {
    return reached;
  }

  /** Ends a step whose passes have run. */
  void stepEnded(boolean first, int columns) {
    phase = first ? Phase.PREFILL : Phase.DECODE;
    firstStepEnd = first ? nextPosition.clone() : firstStepEnd;
    lastStepTokens = columns;
  }

  Phase phase() {
    return phase;
  }

  int lastStepTokens() {
    return lastStepTokens;
  }

  /** What is observed. */
  Set<Signal> signals() {
    return signals;
  }

  void observe(Set<Signal> other) {
    signals = ImmutableSet.copyOf(other);
  }

  void stopObserving() {
    signals = ImmutableSet.of();
    observing = false;
  }

  boolean isObserving() {
    return observing;
  }

  /** Whether passes may go through graphs that write in place. */
  boolean mayPassInPlace() {
    return fusedAllowed && standing.mayPassInPlace();
  }

  int reserve() {
    return reserve;
  }

  void allowFused(int reserveTokens) {
    fusedAllowed = true;
    reserve = reserveTokens;
  }

  void avoidFused() {
    fusedAllowed = false;
  }

  ContextNotes notes() {
    return notes;
  }

  void note(ContextNotes other) {
    notes = other;
  }
}
