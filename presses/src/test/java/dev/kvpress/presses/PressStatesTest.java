package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.Signal;
import java.nio.FloatBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is remembered beside a cache, as numbers and back. */
class PressStatesTest {
  private static final Set<Signal> SIGNALS =
      new LinkedHashSet<>(List.of(new Signal.AttentionSums(), new Signal.AttentionRows(2)));

  private static LayerLedger ledger() {
    LayerLedger ledger = LayerLedger.observing(SIGNALS, 1, 2, 1);
    ledger.append(3);
    ledger.observeSums(FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6}), 3);
    ledger.observeRows(
        FloatBuffer.wrap(new float[] {.1f, .2f, .3f, .4f, .5f, .6f}), 1, 3, new int[] {3});
    ledger.apply(CacheEdit.keep(new KeptSlots(1, 1, new int[][] {{0, 2}})));
    return ledger;
  }

  private static LayerLedger empty() {
    return LayerLedger.observing(SIGNALS, 1, 2, 1);
  }

  @Test
  void anAccountComesBackWithAllItHasObserved() {
    LayerLedger restored = empty();
    restored.restore(ledger().saved(true), Optional.empty());
    assertThat(restored.positions(0, 0)).containsExactly(0, 2);
    assertThat(restored.tokensSeen(0)).isEqualTo(3);
    assertThat(restored.attention().sum(0, 1, 1)).isEqualTo(6);
    assertThat(restored.attention().rows(0)).isEqualTo(1);
    float[] row = new float[2];
    restored.attention().readRow(0, 1, 0, row, 2);
    assertThat(row).containsExactly(.4f, .6f);
    // It goes on as the other does.
    restored.append(1);
    assertThat(restored.positions(0, 0)).containsExactly(0, 2, 3);
  }

  @Test
  void whatCannotBeIsNamed() {
    SavedState saved = ledger().saved(true);
    assertThatThrownBy(
            () -> empty().restore(saved.with("positions", new int[] {2, 2}), Optional.empty()))
        .hasMessageContaining("positions of head 0 must ascend below 3, found 2 behind 2");
    assertThatThrownBy(
            () ->
                empty()
                    .restore(ledger().saved(true).with("lengths", new int[] {4}), Optional.empty()))
        .hasMessageContaining("head 0 holds 4 tokens of 3 that have passed");
    SavedState cut = ledger().saved(true);
    cut.part("attention").with("sums", new double[] {1});
    assertThatThrownBy(() -> empty().restore(cut, Optional.empty()))
        .hasMessageContaining("sums must be 4 numbers, found 1");
  }

  @Test
  void unknownStatesAreRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> PressStates.restored(new SavedState("other"), ledger()))
        .hasMessageContaining("decoding")
        .hasMessageContaining("found other");
    assertThatThrownBy(
            () -> PressStates.restored(new SavedState("decoding").with("further", 1), ledger()))
        .hasMessageContaining("unknown further");
    assertThatThrownBy(
            () -> PressStates.restored(new SavedState("decoding").with("count", -1), ledger()))
        .hasMessageContaining("count must be in");
  }
}
