package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.KeptSlots;
import java.util.Arrays;
import java.util.BitSet;

/** Which slots of each head hold a token, apart for the packed part and the recent one. */
final class PackedSlots {
  private final BitSet[] packed;
  private final BitSet[] recent;

  private PackedSlots(BitSet[] packed, BitSet[] recent) {
    this.packed = packed;
    this.recent = recent;
  }

  /** Of heads without tokens. */
  static PackedSlots empty(int heads) {
    return new PackedSlots(sets(heads), sets(heads));
  }

  private static BitSet[] sets(int heads) {
    BitSet[] sets = new BitSet[heads];
    Arrays.setAll(sets, head -> new BitSet());
    return sets;
  }

  PackedSlots copy() {
    return new PackedSlots(copy(packed), copy(recent));
  }

  private static BitSet[] copy(BitSet[] sets) {
    return Arrays.stream(sets).map(set -> (BitSet) set.clone()).toArray(BitSet[]::new);
  }

  int heads() {
    return packed.length;
  }

  /** Slots of the packed part of a head, to be changed by the owner only. */
  BitSet packed(int head) {
    return packed[head];
  }

  /** Slots of the recent part of a head, to be changed by the owner only. */
  BitSet recent(int head) {
    return recent[head];
  }

  /** Tokens of a head in the recent part. */
  int recentTokens(int head) {
    return recent[head].cardinality();
  }

  /** Tokens of the longest head in the recent part. */
  int mostRecent() {
    return Arrays.stream(recent).mapToInt(BitSet::cardinality).max().orElse(0);
  }

  /** Tokens of all heads in the packed part. */
  long packedTokens() {
    return Arrays.stream(packed).mapToLong(BitSet::cardinality).sum();
  }

  /** Tokens of all heads in the recent part. */
  long recentTokens() {
    return Arrays.stream(recent).mapToLong(BitSet::cardinality).sum();
  }

  /** Groups of a head up to its last packed token. */
  int groups(int head, int groupTokens) {
    return (packed[head].length() + groupTokens - 1) / groupTokens;
  }

  /** Tokens of one group of a head. */
  int tokensOfGroup(int head, int group, int groupTokens) {
    return packed[head].get(group * groupTokens, (group + 1) * groupTokens).cardinality();
  }

  /** Lets go of tokens. */
  void keep(KeptSlots kept) {
    int kvHeads = kept.kvHeads();
    for (int head = 0; head < packed.length; head++) {
      int[] own = kept.of(head / kvHeads, head % kvHeads);
      int tokens = keep(packed[head], own, 0);
      keep(recent[head], own, tokens);
    }
  }

  /**
   * Clears the slots of tokens that do not stay.
   *
   * @param tokens those that stand before
   * @return tokens that stand before the next part
   */
  private static int keep(BitSet slots, int[] kept, int tokens) {
    int index = tokens;
    int at = Arrays.binarySearch(kept, tokens);
    at = at < 0 ? -at - 1 : at;
    for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
      if (at < kept.length && kept[at] == index) {
        at++;
      } else {
        slots.clear(slot);
      }
      index++;
    }
    return index;
  }
}
