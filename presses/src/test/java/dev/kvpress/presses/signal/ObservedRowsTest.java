package dev.kvpress.presses.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows in shared memory: who holds it, for how long, and that an edit lets go of it. */
class ObservedRowsTest {
  private final List<Counted> made = new ArrayList<>();

  /** Memory that knows its holders. */
  private final class Counted implements SharedFloats {
    private final FloatBuffer data;
    private int holders = 1;

    Counted(float... data) {
      this.data = FloatBuffer.wrap(data);
      made.add(this);
    }

    @Override
    public FloatBuffer floats() {
      assertThat(holders).as("holders of what is read").isPositive();
      return data;
    }

    @Override
    public void retain() {
      assertThat(holders).isPositive();
      holders++;
    }

    @Override
    public void release() {
      assertThat(holders).isPositive();
      holders--;
    }

    @Override
    public SharedFloats another(int count) {
      return new Counted(new float[count]);
    }
  }

  private static LayerLedger ledger(int tokens) {
    LayerLedger ledger = new LayerLedger(1, 2, 1, false, 2);
    ledger.append(tokens);
    return ledger;
  }

  /** Two rows of two heads over four slots. */
  private Counted observed(LayerLedger ledger) {
    Counted rows = new Counted(1, 2, 3, 0, 5, 6, 7, 8, 11, 12, 13, 0, 15, 16, 17, 18);
    ledger.observeRows(rows, 2, 4, new int[] {4});
    rows.release();
    return rows;
  }

  private static float[] row(LayerLedger ledger, int head, int index, int slots) {
    float[] row = new float[slots];
    ledger.attention().readRow(0, head, index, row, slots);
    return row;
  }

  private static CacheEdit keep(int... slots) {
    return CacheEdit.keep(new KeptSlots(1, 1, new int[][] {slots}));
  }

  private long held() {
    return made.stream().filter(block -> block.holders > 0).count();
  }

  @Test
  void areReadWhereTheyLie() {
    LayerLedger ledger = ledger(4);
    Counted rows = observed(ledger);
    assertThat(row(ledger, 1, 0, 5)).containsExactly(11, 12, 13, 0, 0);
    rows.data.put(8, 100);
    assertThat(row(ledger, 1, 0, 4)).containsExactly(100, 12, 13, 0);
    double[] sum = new double[4];
    ledger.attention().addRow(0, 0, 1, sum, 4);
    ledger.attention().addRow(0, 1, 1, sum, 4);
    assertThat(sum).containsExactly(20, 22, 24, 26);
    ledger.close();
    assertThat(held()).isZero();
  }

  @Test
  void anEditMovesWhatStaysAndLetsGoOfTheRest() {
    LayerLedger ledger = ledger(4);
    Counted rows = observed(ledger);
    ledger.apply(keep(1, 3));
    assertThat(rows.holders).isZero();
    assertThat(made.get(1).data.capacity()).isEqualTo(8);
    assertThat(row(ledger, 0, 0, 2)).containsExactly(2, 0);
    assertThat(row(ledger, 1, 1, 2)).containsExactly(16, 18);
    ledger.close();
    assertThat(held()).isZero();
  }

  @Test
  void aForkHoldsThemOnAndIsLeftAlone() {
    LayerLedger ledger = ledger(4);
    observed(ledger);
    LayerLedger fork = ledger.fork();
    ledger.apply(keep(0));
    ledger.close();
    assertThat(row(fork, 0, 1, 4)).containsExactly(5, 6, 7, 8);
    fork.close();
    fork.close();
    assertThat(held()).isZero();
    assertThatThrownBy(() -> row(fork, 0, 1, 4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("given back");
  }

  @Test
  void newerRowsTakeThePlaceOfOlderOnes() {
    LayerLedger ledger = ledger(4);
    Counted first = observed(ledger);
    for (int step = 0; step < 2; step++) {
      ledger.append(1);
      Counted row = new Counted(new float[2 * (5 + step)]);
      ledger.observeRows(row, 1, 5 + step, new int[] {1});
      row.release();
      assertThat(first.holders).isEqualTo(1 - step);
    }
    ledger.apply(keep(0, 1));
    assertThat(held()).isEqualTo(1);
    ledger.close();
    assertThat(held()).isZero();
  }

  @Test
  void lookingAtAPartHoldsNothing() {
    LayerLedger ledger = ledger(4);
    Counted rows = observed(ledger);
    int before = rows.holders;
    LayerSignals layer = LayerSignals.of(ledger).build();
    float[] row = new float[2];
    layer.after(keep(0, 3)).attention().readRow(0, 1, 1, row, 2);
    assertThat(row).containsExactly(15, 18);
    assertThat(rows.holders).isEqualTo(before);
    assertThat(row(ledger, 1, 1, 4)).containsExactly(15, 16, 17, 18);
    ledger.close();
    assertThat(held()).isZero();
  }
}
