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
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Edits of the store against a plain second implementation on arrays. */
class HostLayerStoreTest {
  private static final int B = 2;
  private static final int G = 3;
  private static final int D = 5;
  private static final HostLayerStore.Layout LAYOUT =
      new HostLayerStore.Layout(B, G, D, ElementType.FLOAT32);

  private final BufferPool pool = new BufferPool();

  /** The key of an original token; its value is the negative. */
  private static float key(int head, int position, int channel) {
    return 1 + head * 10_000 + position * 10 + channel;
  }

  private HostLayerStore filled(int slots, int capacity, LayerLedger ledger) {
    return filled(pool, slots, capacity, ledger);
  }

  private static HostLayerStore filled(
      BufferPool pool, int slots, int capacity, LayerLedger ledger) {
    HostLayerStore store = HostLayerStore.unfilled(pool, LAYOUT, slots, slots);
    FloatBuffer keys = store.keyBytes().asFloatBuffer();
    FloatBuffer values = store.valueBytes().asFloatBuffer();
    for (int head = 0; head < B * G; head++) {
      for (int s = 0; s < slots; s++) {
        for (int d = 0; d < D; d++) {
          keys.put((head * slots + s) * D + d, key(head, s, d));
          values.put((head * slots + s) * D + d, -key(head, s, d));
        }
      }
    }
    ledger.append(slots);
    if (capacity == slots) {
      return store;
    }
    HostLayerStore roomy = store.withCapacity(capacity);
    store.close();
    return roomy;
  }

  private static LayerLedger ledger() {
    return new LayerLedger(B, G, G, false, 0);
  }

  private static KeptSlots randomSlots(LayerLedger ledger, Random random) {
    int[][] slots = new int[B * G][];
    for (int head = 0; head < B * G; head++) {
      double share = head == 2 ? 0 : random.nextDouble();
      slots[head] =
          IntStream.range(0, ledger.length(head / G, head % G))
              .filter(s -> random.nextDouble() < share)
              .toArray();
    }
    return new KeptSlots(B, G, slots);
  }

  private static void assertHolds(HostLayerStore store, LayerLedger ledger) {
    HeadVectors keys = store.keys(ledger);
    HeadVectors values = store.values(ledger);
    for (int head = 0; head < B * G; head++) {
      for (int s = 0; s < ledger.length(head / G, head % G); s++) {
        int position = ledger.position(head / G, head % G, s);
        for (int d = 0; d < D; d++) {
          assertThat(keys.get(head / G, head % G, s, d)).isEqualTo(key(head, position, d));
          assertThat(values.get(head / G, head % G, s, d)).isEqualTo(-key(head, position, d));
        }
      }
    }
  }

  private static void assertPaddingIsZero(HostLayerStore store, LayerLedger ledger) {
    FloatBuffer keys = store.keyBytes().asFloatBuffer();
    for (int head = 0; head < B * G; head++) {
      int padding = store.slots() - ledger.length(head / G, head % G);
      for (int i = 0; i < padding * D; i++) {
        assertThat(keys.get(head * store.capacity() * D + i)).isZero();
      }
    }
  }

  @Test
  void raggedEditsOneAfterAnotherKeepTheRightRows() {
    Random random = new Random(3);
    for (int capacity : new int[] {37, 50}) {
      LayerLedger ledger = ledger();
      HostLayerStore store = filled(37, capacity, ledger);
      for (int round = 0; round < 4; round++) {
        CacheEdit edit = CacheEdit.keep(randomSlots(ledger, random));
        store = (HostLayerStore) store.apply(edit, ledger);
        ledger.apply(edit);
        assertThat(store.slots()).isEqualTo(ledger.maxLength());
        assertHolds(store, ledger);
        assertPaddingIsZero(store, ledger);
      }
      store.close();
      assertThat(pool.liveBytes()).isZero();
    }
  }

  @Test
  void headsAreMovedToTheirFirstSlotsAndBack() {
    Random random = new Random(5);
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(37, 50, ledger);
    for (int round = 0; round < 3; round++) {
      HostLayerStore left = store.leftAligned(ledger, 60);
      store.close();
      assertThat(left.isLeftAligned(ledger)).isTrue();
      assertHolds(left, ledger);
      // As a graph does in place: behind the last token of each head.
      for (int head = 0; head < B * G; head++) {
        int length = ledger.length(head / G, head % G);
        int position = ledger.tokensSeen(head / G);
        for (int d = 0; d < D; d++) {
          int at = (head * 60 + length) * D + d;
          left.keyBytes().asFloatBuffer().put(at, key(head, position, d));
          left.valueBytes().asFloatBuffer().put(at, -key(head, position, d));
        }
      }
      left.advance(1);
      ledger.append(1);
      assertHolds(left, ledger);
      assertThat(left.isDense()).isFalse();
      HostLayerStore dense = left.dense(ledger);
      assertThat(dense.isDense()).isTrue();
      assertHolds(dense, ledger);
      assertPaddingIsZero(dense, ledger);
      dense.close();
      CacheEdit edit = CacheEdit.keep(randomSlots(ledger, random));
      store = (HostLayerStore) left.apply(edit, ledger);
      ledger.apply(edit);
      assertHolds(store, ledger);
      assertThat(store.isLeftAligned(ledger)).isFalse();
    }
    store.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void nothingMayBeLeft() {
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(4, 4, ledger);
    CacheEdit edit = CacheEdit.keep(new KeptSlots(B, G, new int[B * G][0]));
    HostLayerStore empty = (HostLayerStore) store.apply(edit, ledger);
    assertThat(empty.slots()).isZero();
    assertThat(empty.physicalBytes()).isZero();
    assertThat(empty.keyBytes().capacity()).isZero();
    empty.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void aForkKeepsItsContentWhenTheOtherIsCut() {
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(9, 12, ledger);
    HostLayerStore fork = (HostLayerStore) store.fork();
    assertThat(store.isWritable()).isFalse();
    LayerLedger cutLedger = ledger.fork();
    CacheEdit edit = CacheEdit.keep(randomSlots(ledger, new Random(1)));
    HostLayerStore cut = (HostLayerStore) store.apply(edit, cutLedger);
    cutLedger.apply(edit);
    assertHolds(fork, ledger);
    assertHolds(cut, cutLedger);
    assertThat(fork.isWritable()).isTrue();
    cut.close();
    cut.close();
    fork.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void replacedVectorsAndZeroedChannelsLandInTheirRows() {
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(6, 8, ledger);
    int[][] slots = {{0, 5}, {1}, {}, {2, 3, 4}, {0}, {5}};
    float[] fresh = new float[B * G * 3 * D];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = 0.5f + i;
    }
    HeadVectors replaced = HeadVectors.dense(fresh, B, G, 3, D);
    int[][] channels = new int[B * G][0];
    channels[3] = new int[] {1, 4};
    CacheEdit edit =
        new CacheEdit(
            Optional.of(new KeptSlots(B, G, slots)),
            Optional.of(replaced),
            Optional.empty(),
            Optional.of(new ZeroedChannels(B, G, channels)),
            OptionalInt.empty(),
            Optional.empty(),
            ImmutableList.of());
    HostLayerStore edited = (HostLayerStore) store.apply(edit, ledger);
    ledger.apply(edit);
    HeadVectors keys = edited.keys(ledger);
    for (int head = 0; head < B * G; head++) {
      for (int i = 0; i < slots[head].length; i++) {
        for (int d = 0; d < D; d++) {
          boolean zeroed = head == 3 && (d == 1 || d == 4);
          assertThat(keys.get(head / G, head % G, i, d))
              .isEqualTo(zeroed ? 0 : fresh[(head * 3 + i) * D + d]);
          assertThat(edited.values(ledger).get(head / G, head % G, i, d))
              .isEqualTo(-key(head, slots[head][i], d));
        }
      }
    }
  }

  @Test
  void editsThatDoNotFitAreRefusedAndLeaveTheStore() {
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(4, 4, ledger);
    long live = pool.liveBytes();
    KeptSlots otherShape = new KeptSlots(1, 1, new int[][] {{0}});
    assertThatThrownBy(() -> store.apply(CacheEdit.keep(otherShape), ledger))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 rows and 1 KV heads, the cache has 2 and 3");
    int[][] slots = new int[B * G][0];
    slots[4] = new int[] {4};
    assertThatThrownBy(() -> store.apply(CacheEdit.keep(new KeptSlots(B, G, slots)), ledger))
        .hasMessageContaining("slot 4 of row 1, KV head 1, which holds 4 tokens");
    int[][] channels = new int[B * G][0];
    channels[5] = new int[] {D};
    CacheEdit beyondTheKey =
        new CacheEdit(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new ZeroedChannels(B, G, channels)),
            OptionalInt.empty(),
            Optional.empty(),
            ImmutableList.of());
    assertThatThrownBy(() -> store.apply(beyondTheKey, ledger))
        .hasMessage("the edit zeroes channel 5, keys have 5");
    assertThat(pool.liveBytes()).isEqualTo(live);
    assertHolds(store, ledger);
  }

  @Test
  void halfFloatsAreReadAsFloats() {
    HostLayerStore.Layout layout = new HostLayerStore.Layout(1, 1, 4, ElementType.FLOAT16);
    HostLayerStore store = HostLayerStore.unfilled(pool, layout, 1, 1);
    short[] bits = {0x3c00, (short) 0xc100, 0x0001, 0x7bff};
    for (int i = 0; i < 4; i++) {
      store.keyBytes().putShort(2 * i, bits[i]);
    }
    LayerLedger ledger = new LayerLedger(1, 1, 1, false, 0);
    ledger.append(1);
    float[] read = new float[4];
    store.keys(ledger).read(0, 0, 0, read);
    assertThat(read).containsExactly(1f, -2.5f, (float) Math.pow(2, -24), 65504f);
    assertThat(store.bytesPerToken()).isEqualTo(16);
  }

  @Test
  void withoutMemoryWhatIsKeptMovesUpInItsPlace() {
    Random random = new Random(11);
    for (int round = 0; round < 20; round++) {
      boolean[] full = {false};
      BufferPool scarce =
          new BufferPool(
              size -> {
                if (full[0]) {
                  throw new OutOfMemoryError("no direct memory");
                }
                return ByteBuffer.allocateDirect(size);
              });
      LayerLedger ledger = ledger();
      HostLayerStore store = filled(scarce, 400, round % 2 == 0 ? 400 : 570, ledger);
      // What an idle buffer could hold would not have to move up.
      while (scarce.idleBytes() > 0) {
        scarce.take(LAYOUT.bytes(400));
      }
      long live = scarce.liveBytes();
      full[0] = true;
      CacheEdit edit = CacheEdit.keep(randomSlots(ledger, random));
      store.check(edit, ledger);
      HostLayerStore cut = store.cut(edit, ledger);
      store.close();
      ledger.apply(edit);
      assertThat(cut.slots()).isEqualTo(edit.kept().orElseThrow().maxCount());
      assertHolds(cut, ledger);
      assertThat(scarce.liveBytes()).isEqualTo(live);
      cut.close();
      assertThat(scarce.liveBytes()).isLessThan(live);
    }
  }

  @Test
  void onlyWhatNobodySharesIsCutWithoutACopy() {
    LayerLedger ledger = ledger();
    HostLayerStore store = filled(9, 9, ledger);
    LayerStore fork = store.fork();
    CacheEdit edit = CacheEdit.keep(randomSlots(ledger, new Random(1)));
    assertThatThrownBy(() -> store.cut(edit, ledger))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a fork holds");
    fork.close();
    store.close();
  }
}
