package dev.kvpress.presses.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class LayerLedgerTest {

  private static LayerLedger twoHeads(int rowWindow) {
    LayerLedger ledger = new LayerLedger(1, 2, 2, true, rowWindow);
    ledger.append(4);
    return ledger;
  }

  private static CacheEdit keep(int[]... slots) {
    return CacheEdit.keep(new KeptSlots(1, slots.length, slots));
  }

  private static float[] row(ObservedAttention attention, int head, int index, int slots) {
    float[] row = new float[slots];
    attention.readRow(0, head, index, row, slots);
    return row;
  }

  @Test
  void keepsOriginalPositionsThroughUnevenEdits() {
    LayerLedger ledger = twoHeads(0);
    ledger.apply(keep(new int[] {0, 3}, new int[] {1, 2, 3}));
    ledger.append(2);
    assertThat(ledger.positions(0, 0)).containsExactly(0, 3, 4, 5);
    assertThat(ledger.positions(0, 1)).containsExactly(1, 2, 3, 4, 5);
    assertThat(ledger.tokensSeen(0)).isEqualTo(6);
    assertThat(ledger.isEven()).isFalse();
    assertThat(ledger.totalLength()).isEqualTo(9);
    assertThat(ledger.slotsBefore(0, 0, 4)).isEqualTo(2);
    assertThat(ledger.slotsBefore(0, 1, 0)).isZero();
  }

  @Test
  void readsSumsRightAlignedForHeadsOfDifferentLength() {
    LayerLedger ledger = twoHeads(0);
    ledger.apply(keep(new int[] {0, 3}, new int[] {0, 1, 3}));
    ledger.append(1);
    float nan = Float.NaN;
    ledger.observeSums(FloatBuffer.wrap(new float[] {nan, nan, 1, 2, 3, nan, 4, 5, 6, 7}), 5);
    assertThat(ledger.attention().sum(0, 0, 0)).isEqualTo(1);
    assertThat(ledger.attention().sum(0, 0, 2)).isEqualTo(3);
    assertThat(ledger.attention().sum(0, 1, 0)).isEqualTo(4);
    assertThat(ledger.attention().sum(0, 1, 3)).isEqualTo(7);
  }

  @Test
  void carriesSumsThroughEditsAndAddsToThem() {
    LayerLedger ledger = twoHeads(0);
    ledger.observeSums(FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6, 7, 8}), 4);
    ledger.apply(keep(new int[] {1, 3}, new int[] {0, 1}));
    ledger.append(1);
    ledger.observeSums(FloatBuffer.wrap(new float[] {.5f, .5f, .5f, .5f, .5f, .5f}), 3);
    double[] sums = new double[3];
    ledger.attention().addSums(0, 0, sums, 3);
    assertThat(sums).containsExactly(2.5, 4.5, 0.5);
    assertThat(ledger.attention().sum(0, 1, 1)).isEqualTo(6.5);
  }

  @Test
  void leavesAloneWhatItWasNotAskedToKeep() {
    LayerLedger ledger = new LayerLedger(1, 2, 2, false, 0);
    ledger.append(2);
    ledger.observeSums(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), 2);
    ledger.observeRows(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), 1, 2, new int[] {2});
    assertThatThrownBy(() -> ledger.attention().sum(0, 0, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attention sums were not collected");
    assertThat(ledger.attention().rows(0)).isZero();
  }

  @Test
  void keepsTheLastRowsInARing() {
    LayerLedger ledger = new LayerLedger(1, 1, 1, false, 3);
    for (int step = 0; step < 5; step++) {
      ledger.append(1);
      float[] row = new float[step + 1];
      row[step] = step + 1;
      ledger.observeRows(FloatBuffer.wrap(row), 1, step + 1, new int[] {1});
    }
    ObservedAttention attention = ledger.attention();
    assertThat(attention.rows(0)).isEqualTo(3);
    assertThat(row(attention, 0, 0, 5)).containsExactly(0, 0, 3, 0, 0);
    assertThat(row(attention, 0, 2, 5)).containsExactly(0, 0, 0, 0, 5);
    assertThatThrownBy(() -> row(attention, 0, 3, 5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("3 rows");
  }

  @Test
  void compactsRowsWithTheCache() {
    LayerLedger ledger = twoHeads(2);
    float[] rows = {1, 2, 3, 0, 4, 5, 6, 7, 1, 1, 1, 0, 2, 2, 2, 2};
    ledger.observeRows(FloatBuffer.wrap(rows), 2, 4, new int[] {4});
    ledger.apply(keep(new int[] {1, 3}, new int[] {0, 1, 2}));
    assertThat(row(ledger.attention(), 0, 0, 2)).containsExactly(2, 0);
    assertThat(row(ledger.attention(), 0, 1, 2)).containsExactly(5, 7);
    assertThat(row(ledger.attention(), 1, 1, 3)).containsExactly(2, 2, 2);
  }

  @Test
  void skipsRowsOfPadding() {
    LayerLedger ledger = new LayerLedger(2, 1, 1, false, 2);
    ledger.append(new int[] {2, 1});
    float[] rows = {1, 0, 2, 3, 9, 9, 0, 4};
    ledger.observeRows(FloatBuffer.wrap(rows), 2, 2, new int[] {2, 1});
    assertThat(ledger.attention().rows(0)).isEqualTo(2);
    assertThat(ledger.attention().rows(1)).isEqualTo(1);
    float[] row = new float[1];
    ledger.attention().readRow(1, 0, 0, row, 1);
    assertThat(row).containsExactly(4);
  }

  @Test
  void isIndependentOfItsFork() {
    LayerLedger ledger = twoHeads(2);
    ledger.observeSums(FloatBuffer.wrap(new float[8]), 4);
    LayerLedger fork = ledger.fork();
    fork.apply(keep(new int[] {0}, new int[] {1}));
    fork.append(1);
    fork.observeSums(FloatBuffer.wrap(new float[] {1, 1, 1, 1}), 2);
    fork.observeRows(FloatBuffer.wrap(new float[] {1, 1, 1, 1}), 1, 2, new int[] {1});
    assertThat(ledger.length(0, 0)).isEqualTo(4);
    assertThat(ledger.attention().sum(0, 0, 0)).isZero();
    assertThat(ledger.attention().rows(0)).isZero();
    assertThat(fork.attention().sum(0, 0, 0)).isEqualTo(1);
  }

  @Test
  void refusesAnEditOfTokensItDoesNotHold() {
    assertThatThrownBy(() -> twoHeads(0).apply(keep(new int[] {4}, new int[] {0})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keeps slot 4")
        .hasMessageContaining("holds 4 tokens");
  }
}
