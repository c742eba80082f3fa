package dev.kvpress.runtime.cache.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens whose numbers follow from head and position, packed, edited, grown, forked. */
class PackedLayerStoreTest {
  private static final int B = 2;
  private static final int G = 2;
  private static final int D = 8;
  private static final int GROUP = 4;
  private static final int WINDOW = 6;
  private static final HostLayerStore.Layout LAYOUT =
      new HostLayerStore.Layout(B, G, D, ElementType.FLOAT32);

  private final BufferPool pool = new BufferPool();

  /** Between −1 and 1, the value is another such number. */
  private static float key(int head, int position, int channel) {
    return (float) Math.sin(head * 71 + position * 13 + channel * 1.7);
  }

  private static float value(int head, int position, int channel) {
    return (float) Math.cos(head * 31 + position * 7 + channel * 2.3);
  }

  private static LayerLedger ledger() {
    return new LayerLedger(B, G, G, false, 0);
  }

  private HostLayerStore full(LayerLedger ledger, int tokens) {
    HostLayerStore store = HostLayerStore.unfilled(pool, LAYOUT, tokens, tokens);
    write(store, 0, tokens, 0);
    ledger.append(tokens);
    return store;
  }

  private static void write(HostLayerStore store, int from, int to, int firstPosition) {
    FloatBuffer keys = store.keyBytes().asFloatBuffer();
    FloatBuffer values = store.valueBytes().asFloatBuffer();
    for (int head = 0; head < B * G; head++) {
      for (int s = from; s < to; s++) {
        for (int d = 0; d < D; d++) {
          int at = (head * store.slots() + s) * D + d;
          keys.put(at, key(head, firstPosition + s - from, d));
          values.put(at, value(head, firstPosition + s - from, d));
        }
      }
    }
  }

  private PackedLayerStore packed(int bits, LayerLedger ledger, int tokens) {
    HostLayerStore full = full(ledger, tokens);
    PackedLayerStore packed =
        PackedLayerStore.of(pool, LAYOUT, BlockShape.of(bits, GROUP, D), WINDOW, full, ledger);
    full.close();
    return packed;
  }

  /** What a graph would do: the recent rows and one more token behind them. */
  private PackedLayerStore append(PackedLayerStore before, LayerLedger ledger) {
    PackedLayerStore store = (PackedLayerStore) before.dense(ledger);
    if (store != before) {
      before.close();
    }
    int rows = store.memory().capacity();
    HostLayerStore present = HostLayerStore.unfilled(pool, LAYOUT, rows + 1, rows + 1);
    FloatBuffer[] from = {
      store.memory().keyBytes().asFloatBuffer(), store.memory().valueBytes().asFloatBuffer()
    };
    FloatBuffer[] to = {present.keyBytes().asFloatBuffer(), present.valueBytes().asFloatBuffer()};
    for (int i = 0; i < 2; i++) {
      for (int head = 0; head < B * G; head++) {
        to[i].put(head * (rows + 1) * D, from[i], head * rows * D, rows * D);
      }
    }
    write(present, rows, rows + 1, ledger.tokensSeen(0));
    ledger.append(1);
    return (PackedLayerStore) store.appended(present);
  }

  private static double keyError(PackedLayerStore store, LayerLedger ledger) {
    HeadVectors keys = store.keys(ledger);
    HeadVectors values = store.values(ledger);
    double most = 0;
    for (int head = 0; head < B * G; head++) {
      for (int s = 0; s < ledger.length(head / G, head % G); s++) {
        int position = ledger.position(head / G, head % G, s);
        for (int d = 0; d < D; d++) {
          float read = values.get(head / G, head % G, s, d);
          assertThat(Math.abs(read - value(head, position, d))).isLessThan(0.36f);
          double off = Math.abs(keys.get(head / G, head % G, s, d) - key(head, position, d));
          most = Math.max(most, off);
        }
      }
    }
    return most;
  }

  /** {@code [B*G][positions * D]}, NaN where a position is not cached. */
  private static float[][] keysByPosition(
      PackedLayerStore store, LayerLedger ledger, int positions) {
    HeadVectors keys = store.keys(ledger);
    float[][] byPosition = new float[B * G][positions * D];
    float[] key = new float[D];
    for (int head = 0; head < B * G; head++) {
      Arrays.fill(byPosition[head], Float.NaN);
      for (int s = 0; s < ledger.length(head / G, head % G); s++) {
        keys.read(head / G, head % G, s, key);
        int position = ledger.position(head / G, head % G, s);
        System.arraycopy(key, 0, byPosition[head], position * D, D);
      }
    }
    return byPosition;
  }

  private static KeptSlots without(LayerLedger ledger, int... slots) {
    int[][] kept = new int[B * G][];
    for (int head = 0; head < B * G; head++) {
      kept[head] =
          IntStream.range(0, ledger.length(head / G, head % G))
              .filter(s -> IntStream.of(slots).noneMatch(gone -> gone == s))
              .toArray();
    }
    return new KeptSlots(B, G, kept);
  }

  private static KeptSlots random(LayerLedger ledger, Random random, double share) {
    int[][] kept = new int[B * G][];
    for (int head = 0; head < B * G; head++) {
      kept[head] =
          IntStream.range(0, ledger.length(head / G, head % G))
              .filter(s -> random.nextDouble() < share)
              .toArray();
    }
    return new KeptSlots(B, G, kept);
  }

  private static PackedLayerStore edit(PackedLayerStore store, LayerLedger ledger, CacheEdit edit) {
    PackedLayerStore next =
        (PackedLayerStore)
            (store.canCut(edit) ? store.cut(edit, ledger) : store.apply(edit, ledger));
    ledger.apply(edit);
    return next;
  }

  private static float[][] numbers(PackedLayerStore store, LayerLedger ledger) {
    float[][] numbers = new float[B * G][];
    for (int head = 0; head < B * G; head++) {
      int length = ledger.length(head / G, head % G);
      float[] keys = new float[length * D];
      float[] values = new float[length * D];
      store.keys(ledger).read(head / G, head % G, 0, length, keys);
      store.values(ledger).read(head / G, head % G, 0, length, values);
      numbers[head] = com.google.common.primitives.Floats.concat(keys, values);
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void packsWholeGroupsAndKeepsTheMostRecentInFull(int bits) {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(bits, ledger, 21);
    // 15 tokens beyond the window are 3 groups of 4.
    assertThat(store.slots()).isEqualTo(21);
    assertThat(store.packed().orElseThrow().groups()).isEqualTo(3);
    assertThat(store.memory().capacity()).isEqualTo(9);
    assertThat(store.isRightAligned(ledger)).isTrue();
    assertThat(keyError(store, ledger)).isBetween(1e-5, 2.0 / ((1 << bits) - 1) * 0.63);
    for (int s = 12; s < 21; s++) {
      assertThat(store.keys(ledger).get(1, 1, s, 3)).isEqualTo(key(3, s, 3));
    }
    store.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void countsPackedBytesOfTokensAndAllThatIsTaken() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(4, ledger, 21);
    int vector = D / 2;
    int keysOfGroup = GROUP * vector + 4 * D;
    int valuesOfGroup = GROUP * (vector + 4 * (D / GROUP));
    long expected = B * G * (3L * (keysOfGroup + valuesOfGroup) + 9 * 2 * D * 4);
    assertThat(store.logicalBytes(ledger)).isEqualTo(expected);
    assertThat(store.physicalBytes()).isEqualTo(expected);
    CacheEdit edit = CacheEdit.keep(without(ledger, 0));
    store = edit(store, ledger, edit);
    assertThat(store.logicalBytes(ledger))
        .isEqualTo(expected - B * G * (keysOfGroup + valuesOfGroup) / GROUP);
    assertThat(store.physicalBytes()).isEqualTo(expected);
  }

  @Test
  void leavesTheCodesOfTokensThatStay() {
    Random random = new Random(5);
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(2, ledger, 60);
    float[][] before = numbers(store, ledger);
    KeptSlots kept = random(ledger, random, 0.7);
    store = edit(store, ledger, CacheEdit.keep(kept));
    float[][] after = numbers(store, ledger);
    for (int head = 0; head < B * G; head++) {
      int length = after[head].length / 2 / D;
      for (int s = 0; s < length; s++) {
        int was = kept.slot(head / G, head % G, s);
        for (int d = 0; d < D; d++) {
          assertThat(after[head][s * D + d]).isEqualTo(before[head][was * D + d]);
          assertThat(after[head][(length + s) * D + d]).isEqualTo(before[head][(60 + was) * D + d]);
        }
      }
    }
    assertThat(store.isRightAligned(ledger)).isFalse();
    int slot = -1;
    for (int s = 0; s < ledger.length(1, 0); s++) {
      slot = store.nextToken(ledger, 2, slot + 1);
      assertThat(slot).isLessThan(store.slots());
    }
    assertThat(store.nextToken(ledger, 2, slot + 1)).isEqualTo(store.slots());
  }

  @Test
  void closesHolesOnceHalfOfTheSlotsAreHoles() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(8, ledger, 46);
    assertThat(store.packed().orElseThrow().groups()).isEqualTo(10);
    int[] odd = IntStream.range(0, 38).filter(s -> s % 2 == 1).toArray();
    store = edit(store, ledger, CacheEdit.keep(without(ledger, odd)));
    assertThat(store.packed().orElseThrow().groups()).isEqualTo(10);
    store = edit(store, ledger, CacheEdit.keep(without(ledger, 0)));
    assertThat(store.packed().orElseThrow().groups()).isEqualTo(5);
    assertThat(keyError(store, ledger)).isLessThan(2 * 2.0 / 255 * 0.63);
  }

  @Test
  void moveGroupsAsTheyAreWhereOthersAreGone() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(2, ledger, 46);
    CacheEdit edit = CacheEdit.keep(without(ledger, IntStream.range(0, 8).toArray()));
    float[][] before = numbers(store, ledger);
    store = edit(store, ledger, edit);
    assertThat(store.packed().orElseThrow().groups()).isEqualTo(8);
    float[][] after = numbers(store, ledger);
    for (int i = 0; i < 38 * D; i++) {
      assertThat(after[3][i]).isEqualTo(before[3][i + 8 * D]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void driftsByHalfAStepForEachTimeItIsPackedAtMost(int bits) {
    Random random = new Random(bits);
    LayerLedger ledger = ledger();
    int tokens = 120;
    PackedLayerStore store = packed(bits, ledger, tokens);
    // How often the key of a position was packed anew while it was packed.
    int[][] anew = new int[B * G][tokens + 200];
    for (int round = 0; round < 200; round++) {
      float[][] before = keysByPosition(store, ledger, tokens + 200);
      int gone = random.nextInt(tokens - WINDOW);
      store = edit(store, ledger, CacheEdit.keep(without(ledger, gone)));
      float[][] after = keysByPosition(store, ledger, tokens + 200);
      for (int head = 0; head < B * G; head++) {
        for (int i = 0; i < after[head].length; i++) {
          boolean changed = after[head][i] != before[head][i] && !Float.isNaN(after[head][i]);
          anew[head][i / D] += changed ? 1 : 0;
        }
      }
      store = append(store, ledger);
    }
    assertThat(ledger.maxLength()).isEqualTo(tokens);
    int most = 200 / ((tokens - WINDOW - GROUP) / 2);
    int times = 0;
    for (int[] head : anew) {
      for (int changes : head) {
        // D numbers of a key may each change once a time.
        times = Math.max(times, (changes + D - 1) / D);
      }
    }
    assertThat(times).isBetween(1, most);
    double step = 2.0 / ((1 << bits) - 1);
    assertThat(keyError(store, ledger)).isLessThan((1 + times) * 0.63 * step);
    assertThat(store.slots()).isLessThanOrEqualTo(2 * tokens + GROUP + WINDOW);
    store.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void isTheSameBitForBitWhereNothingIsDone() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(4, ledger, 33);
    float[][] before = numbers(store, ledger);
    HeadVectors keys = store.keys(ledger);
    HeadVectors values = store.values(ledger);
    CacheEdit same = CacheEdit.none().withKeys(keys, OptionalInt.empty()).withValues(values);
    PackedLayerStore after = edit(store, ledger, same);
    assertThat(after).isNotSameAs(store);
    assertThat(numbers(after, ledger)).isDeepEqualTo(before);
    CacheEdit all = CacheEdit.keep(without(ledger));
    assertThat(numbers(edit(after, ledger, all), ledger)).isDeepEqualTo(before);
  }

  @Test
  void replacesKeysAndValuesOfPackedAndRecentTokens() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(8, ledger, 30);
    PackedLayerStore fork = (PackedLayerStore) store.fork();
    float[][] before = numbers(store, ledger);
    store = edit(store, ledger, CacheEdit.keep(without(ledger, 1, 2, 3, 9)));
    float[] fresh = new float[B * G * 26 * D];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = (float) Math.sin(i * 0.7);
    }
    HeadVectors replaced = HeadVectors.dense(fresh, B, G, 26, D);
    CacheEdit edit = CacheEdit.none().withKeys(replaced, OptionalInt.empty()).withValues(replaced);
    store = edit(store, ledger, edit);
    for (int head = 0; head < B * G; head++) {
      for (int s = 0; s < 26; s++) {
        for (int d = 0; d < D; d++) {
          float wanted = replaced.get(head / G, head % G, s, d);
          assertThat(store.keys(ledger).get(head / G, head % G, s, d))
              .isCloseTo(wanted, org.assertj.core.data.Offset.offset(0.006f));
          assertThat(store.values(ledger).get(head / G, head % G, s, d))
              .isCloseTo(wanted, org.assertj.core.data.Offset.offset(0.006f));
        }
      }
    }
    LayerLedger whole = ledger();
    whole.append(30);
    assertThat(numbers(fork, whole)).isDeepEqualTo(before);
    store.close();
    fork.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void zeroesChannelsOfAllTokens() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(2, ledger, 30);
    PackedLayerStore fork = (PackedLayerStore) store.fork();
    CacheEdit edit = CacheEdit.zero(new ZeroedChannels(B, G, new int[][] {{1}, {}, {0, 7}, {}}));
    store = edit(store, ledger, edit);
    for (int s = 0; s < 30; s++) {
      assertThat(store.keys(ledger).get(1, 0, s, 7)).isZero();
      assertThat(store.keys(ledger).get(0, 0, s, 1)).isZero();
      assertThat(store.keys(ledger).get(0, 1, s, 1)).isEqualTo(fork.keys(ledger).get(0, 1, s, 1));
    }
    assertThat(fork.keys(ledger).get(0, 0, 2, 1)).isNotZero();
  }

  @Test
  void growsAndIsCutUnevenlyAgainAndAgain() {
    Random random = new Random(11);
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(8, ledger, 40);
    for (int round = 0; round < 60; round++) {
      if (round % 7 == 3) {
        store = edit(store, ledger, CacheEdit.keep(random(ledger, random, 0.8)));
      }
      store = append(store, ledger);
      assertThat(keyError(store, ledger)).isLessThan(0.08);
      for (int head = 0; head < B * G; head++) {
        int count = 0;
        for (int s = store.nextToken(ledger, head, 0);
            s < store.slots();
            s = store.nextToken(ledger, head, s + 1)) {
          count++;
        }
        assertThat(count).isEqualTo(ledger.length(head / G, head % G));
      }
    }
    store.close();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void takesEmptyAndTinyCaches() {
    for (int tokens : new int[] {0, 1, WINDOW, WINDOW + GROUP - 1, WINDOW + GROUP}) {
      LayerLedger ledger = ledger();
      PackedLayerStore store = packed(4, ledger, tokens);
      assertThat(store.slots()).isEqualTo(tokens);
      store = append(append(store, ledger), ledger);
      assertThat(store.slots()).isEqualTo(tokens + 2);
      int[][] none = new int[B * G][0];
      store = edit(store, ledger, CacheEdit.keep(new KeptSlots(B, G, none)));
      assertThat(store.slots()).isZero();
      store.close();
    }
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void refusesWhatItCannotPackAndStaysAsItWas() {
    LayerLedger ledger = ledger();
    PackedLayerStore store = packed(4, ledger, 20);
    float[][] before = numbers(store, ledger);
    float[] bad = new float[B * G * 20 * D];
    bad[5 * D] = Float.NaN;
    CacheEdit edit =
        new CacheEdit(
            Optional.empty(),
            Optional.of(HeadVectors.dense(bad, B, G, 20, D)),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            ImmutableList.of());
    assertThatThrownBy(() -> store.apply(edit, ledger))
        .hasMessageContaining("channel 0 of the keys of head 0");
    assertThat(numbers(store, ledger)).isDeepEqualTo(before);
    store.close();
    assertThat(pool.liveBytes()).isZero();
  }
}
