package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.PressStates;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.Optional;

/**
 * The attention that cached tokens have received from the last query of each decoding step, mean
 * over the query heads of a group, and the steps since the last cut. Never written into, so that
 * forks share it.
 */
final class StepAttention implements PressState {
  /** What it is called in files. */
  static final String KIND = "step_attention";

  private final int steps;
  // [B*G][S], heads that no step has seen yet are missing.
  private final double[][] sums;
  private final Optional<PressState> inner;

  private StepAttention(int steps, double[][] sums, Optional<PressState> inner) {
    this.steps = steps;
    this.sums = sums;
    this.inner = inner;
  }

  /** What there is to remember after the prefill. */
  static StepAttention beforeAnyStep(PressState inner) {
    return new StepAttention(0, new double[0][], Optional.of(inner));
  }

  /** What the scorer has left in a layer's state. */
  static Optional<PressState> before(LayerSignals layer) {
    return of(layer).flatMap(state -> state.inner);
  }

  private static Optional<StepAttention> of(LayerSignals layer) {
    return layer.state().filter(StepAttention.class::isInstance).map(StepAttention.class::cast);
  }

  /** What was remembered of a layer, with the step that has just passed. */
  static StepAttention after(LayerSignals layer, Optional<PressState> inner) {
    Optional<StepAttention> last = of(layer);
    double[][] before = last.map(state -> state.sums).orElseGet(() -> new double[0][]);
    double[][] sums = new double[layer.batch() * layer.kvHeads()][];
    for (int head = 0; head < sums.length; head++) {
      int row = head / layer.kvHeads();
      int kvHead = head % layer.kvHeads();
      int length = layer.length(row, kvHead);
      int rows = layer.attention().rows(row);
      int group = layer.groupSize();
      double[] own = new double[length];
      for (int h = kvHead * group; rows > 0 && h < (kvHead + 1) * group; h++) {
        layer.attention().addRow(row, h, rows - 1, own, length);
      }
      int known = head < before.length ? before[head].length : 0;
      for (int j = 0; j < length; j++) {
        own[j] = own[j] / group + (j < known ? before[head][j] : 0);
      }
      sums[head] = own;
    }
    return new StepAttention(last.map(state -> state.steps).orElse(0) + 1, sums, inner);
  }

  @Override
  public Optional<SavedState> saved() {
    SavedState saved =
        new SavedState(KIND)
            .with("steps", steps)
            .with("sums", SavedState.joined(sums))
            .with("lengths", SavedState.lengths(sums));
    return PressStates.withInner(saved, inner);
  }

  /** The state out of a file. */
  static StepAttention restored(SavedState saved, LayerLedger ledger) {
    saved.require(KIND, "steps", "sums", "lengths", PressStates.INNER);
    int heads = ledger.batch() * ledger.kvHeads();
    int[] found = saved.ints().getOrDefault("lengths", new int[0]);
    int[] lengths = saved.ints("lengths", found.length == 0 ? 0 : heads);
    for (int head = 0; head < lengths.length; head++) {
      PressStates.requireTokens(saved, ledger, head, lengths[head]);
    }
    return new StepAttention(
        saved.integer("steps", 0, Integer.MAX_VALUE - 1),
        saved.doubleRows("sums", lengths, ledger.maxLength()),
        PressStates.inner(saved, ledger));
  }

  /** What the scorer remembers. */
  Optional<PressState> inner() {
    return inner;
  }

  /** Steps since the last cut. */
  int steps() {
    return steps;
  }

  /** What one token has received. */
  double of(int head, int slot) {
    return sums[head][slot];
  }

  /** The same attention right after a cut. */
  StepAttention withoutSteps() {
    return new StepAttention(0, sums, inner);
  }

  @Override
  public PressState fork() {
    return new StepAttention(steps, sums, inner.map(PressState::fork));
  }

  @Override
  public PressState afterEdit(CacheEdit edit) {
    KeptSlots kept = edit.kept().orElseThrow();
    double[][] cut = new double[sums.length][];
    for (int head = 0; head < cut.length; head++) {
      double[] own = sums[head];
      cut[head] =
          Arrays.stream(kept.of(head / kept.kvHeads(), head % kept.kvHeads()))
              .mapToDouble(slot -> own[slot])
              .toArray();
    }
    return new StepAttention(steps, cut, inner.map(state -> state.afterEdit(edit)));
  }
}
