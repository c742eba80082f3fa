package dev.kvpress.runtime.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows in memory that they share are as rows in memory of their own. */
class SharedRowsTest {
  private static final int G = 3;
  private static final int D = 5;
  private static final HostLayerStore.Layout ROW =
      new HostLayerStore.Layout(1, G, D, ElementType.FLOAT32);

  private final BufferPool pool = new BufferPool();
  private final Random random = new Random(11);

  /** A row alone, and how many tokens each head holds. */
  private final class Alone {
    HostLayerStore store;
    final LayerLedger ledger = new LayerLedger(1, G, G, false, 0);

    Alone(int tokens) {
      store = HostLayerStore.unfilled(pool, ROW, tokens, tokens);
      fill(store.keyBytes());
      fill(store.valueBytes());
      ledger.append(tokens);
    }

    private void fill(ByteBuffer bytes) {
      for (int i = 0; i < bytes.capacity(); i += Float.BYTES) {
        bytes.putFloat(i, random.nextFloat());
      }
    }

    int[] counts() {
      return RowTokens.counts(ledger);
    }

    RowTokens tokens() {
      return RowTokens.rightAligned(ROW, store, 0, store.slots(), counts());
    }

    void edit(CacheEdit edit) {
      store = (HostLayerStore) store.apply(edit, ledger);
      ledger.apply(edit);
    }

    void assertSame(RowTokens shared) {
      assertThat(vectors(shared.keys())).isEqualTo(vectors(store.keys(ledger)));
      assertThat(vectors(shared.values())).isEqualTo(vectors(store.values(ledger)));
    }

    private List<List<Float>> vectors(HeadVectors vectors) {
      List<List<Float>> all = new ArrayList<>();
      for (int g = 0; g < G; g++) {
        for (int s = 0; s < ledger.length(0, g); s++) {
          float[] one = new float[D];
          vectors.read(0, g, s, one);
          all.add(IntStream.range(0, D).mapToObj(i -> one[i]).toList());
        }
      }
      return all;
    }
  }

  private CacheEdit randomEdit(Alone row, boolean ragged) {
    int[][] kept = new int[G][];
    int count = 1 + random.nextInt(row.ledger.length(0, 0));
    for (int g = 0; g < G; g++) {
      int length = row.ledger.length(0, g);
      int own = ragged ? random.nextInt(length + 1) : count;
      List<Integer> slots = new ArrayList<>(IntStream.range(0, length).boxed().toList());
      Collections.shuffle(slots, random);
      kept[g] = slots.stream().limit(own).mapToInt(Integer::intValue).sorted().toArray();
    }
    KeptSlots slots = new KeptSlots(1, G, kept);
    boolean keeps = random.nextInt(4) > 0;
    int most = keeps ? slots.maxCount() : row.ledger.maxLength();
    return new CacheEdit(
        keeps ? Optional.of(slots) : Optional.empty(),
        replaced(random.nextInt(3) == 0, most),
        replaced(random.nextInt(3) == 0, most),
        random.nextInt(3) == 0
            ? Optional.of(new ZeroedChannels(1, G, new int[][] {{0}, {1, 4}, {}}))
            : Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        ImmutableList.of());
  }

  private Optional<HeadVectors> replaced(boolean wanted, int tokens) {
    if (!wanted) {
      return Optional.empty();
    }
    float[] data = new float[G * tokens * D];
    for (int i = 0; i < data.length; i++) {
      data[i] = random.nextFloat();
    }
    return Optional.of(HeadVectors.dense(data, 1, G, tokens, D));
  }

  @Test
  void rowsOfASlabComeGoAndAreCutInPlace() {
    try (SlabStore slab = new SlabStore(pool, ROW, 5, 40)) {
      List<Alone> rows = new ArrayList<>();
      for (int turn = 0; turn < 400; turn++) {
        int what = random.nextInt(4);
        if (rows.size() < 5 && what == 0) {
          Alone row = new Alone(1 + random.nextInt(40));
          slab.add(new RowMove(row.tokens(), CacheEdit.none()));
          rows.add(row);
        } else if (!rows.isEmpty() && what == 1) {
          int leaving = random.nextInt(rows.size());
          Alone last = rows.get(rows.size() - 1);
          slab.remove(leaving, last.counts());
          rows.get(leaving).store.close();
          rows.set(leaving, last);
          rows.remove(rows.size() - 1);
        } else if (!rows.isEmpty()) {
          int at = random.nextInt(rows.size());
          Alone row = rows.get(at);
          CacheEdit edit = randomEdit(row, false);
          slab.edit(at, slab.row(at, row.counts()), edit);
          row.edit(edit);
        }
        assertThat(slab.rows()).isEqualTo(rows.size());
        assertThat(slab.keyBytes().capacity()).isEqualTo(rows.size() * G * 40 * D * Float.BYTES);
        for (int r = 0; r < rows.size(); r++) {
          rows.get(r).assertSame(slab.row(r, rows.get(r).counts()));
        }
      }
      rows.forEach(row -> row.store.close());
    }
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void raggedRowsAreLaidSideBySideAndEditedOnTheWay() {
    for (int round = 0; round < 50; round++) {
      List<Alone> rows = new ArrayList<>();
      List<RowMove> moves = new ArrayList<>();
      for (int r = 0; r < 1 + random.nextInt(4); r++) {
        Alone row = new Alone(1 + random.nextInt(20));
        CacheEdit first = randomEdit(row, true);
        row.edit(first);
        rows.add(row);
      }
      List<CacheEdit> edits = new ArrayList<>();
      for (Alone row : rows) {
        CacheEdit edit = row.ledger.length(0, 0) == 0 ? CacheEdit.none() : randomEdit(row, true);
        edits.add(edit);
        moves.add(new RowMove(row.tokens(), edit));
      }
      HostLayerStore together = RowMove.lay(pool, ROW, moves);
      for (int r = 0; r < rows.size(); r++) {
        Alone row = rows.get(r);
        row.edit(edits.get(r));
        row.assertSame(RowTokens.rightAligned(ROW, together, r, together.slots(), row.counts()));
        assertPaddingIsZero(together, r, row);
        row.store.close();
      }
      together.close();
    }
    assertThat(pool.liveBytes()).isZero();
  }

  /** What is masked is still multiplied. */
  private static void assertPaddingIsZero(HostLayerStore store, int row, Alone alone) {
    for (int g = 0; g < G; g++) {
      int first = (row * G + g) * store.slots() * D;
      int padding = (store.slots() - alone.ledger.length(0, g)) * D;
      for (int i = 0; i < padding; i++) {
        assertThat(store.keyBytes().getFloat((first + i) * Float.BYTES)).isZero();
        assertThat(store.valueBytes().getFloat((first + i) * Float.BYTES)).isZero();
      }
    }
  }

  @Test
  void aSlabTakesNoMoreRowsThanItHasRoomFor() {
    try (SlabStore slab = new SlabStore(pool, ROW, 1, 4)) {
      Alone row = new Alone(3);
      slab.add(new RowMove(row.tokens(), CacheEdit.none()));
      assertThatThrownBy(() -> slab.add(new RowMove(row.tokens(), CacheEdit.none())))
          .hasMessage("all 1 rows of the slab are in use");
      assertThat(slab.physicalBytes()).isEqualTo(2L * G * 4 * D * Float.BYTES);
      row.store.close();
    }
  }
}
