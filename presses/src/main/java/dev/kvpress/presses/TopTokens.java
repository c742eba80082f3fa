package dev.kvpress.presses;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Selects the most important tokens of one head in linear time, with defined ties: the higher
 * score, then the later slot.
 */
final class TopTokens {
  // With this many candidates left sorting is the better way.
  private static final int SMALL = 64;
  // Bits told apart at once: a float's sign, its exponent and two more.
  private static final int DIGIT = 11;

  private TopTokens() {}

  static int[] select(float[] scores, boolean @Nullable [] protectedSlots, int count) {
    return select(scores, protectedSlots, count, 0);
  }

  /**
   * Selects the highest scores.
   *
   * @param tolerance scores this close to the lowest one kept, relative to it, tie with it
   */
  static int[] select(
      float[] scores, boolean @Nullable [] protectedSlots, int count, float tolerance) {
    int n = scores.length;
    int[] kept = new int[count];
    if (count == n) {
      Arrays.setAll(kept, i -> i);
      return kept;
    }
    if (count == 0) {
      return kept;
    }
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      keys[i] = key(scores[i], protectedSlots != null && protectedSlots[i], i);
    }
    long cut = nthSmallest(keys.clone(), n - count);
    if (tolerance > 0) {
      joinTies(keys, scores, scores[(int) cut], tolerance);
      cut = nthSmallest(keys.clone(), n - count);
    }
    int k = 0;
    for (int i = 0; i < n; i++) {
      if (keys[i] >= cut) {
        kept[k++] = i;
      }
    }
    return kept;
  }

  /**
   * Of all heads together the {@code count} most important tokens beside the safe ones; ties go to
   * the later position, then the lower head.
   */
  static int[][] selectAcross(
      float[][] scores,
      boolean[][] protectedSlots,
      boolean[][] safe,
      int[][] positions,
      int count) {
    int heads = scores.length;
    int candidates = 0;
    for (boolean[] own : safe) {
      for (boolean isSafe : own) {
        candidates += isSafe ? 0 : 1;
      }
    }
    long[] keys = new long[candidates];
    int at = 0;
    for (int g = 0; g < heads; g++) {
      for (int i = 0; i < scores[g].length; i++) {
        if (!safe[g][i]) {
          keys[at++] = acrossKey(scores, protectedSlots, positions, g, i);
        }
      }
    }
    long cut = count == 0 ? Long.MAX_VALUE : nthSmallest(keys, candidates - count);
    int[][] kept = new int[heads][];
    for (int g = 0; g < heads; g++) {
      int[] own = new int[scores[g].length];
      int n = 0;
      for (int i = 0; i < own.length; i++) {
        if (safe[g][i] || acrossKey(scores, protectedSlots, positions, g, i) >= cut) {
          own[n++] = i;
        }
      }
      kept[g] = Arrays.copyOf(own, n);
    }
    return kept;
  }

  private static long acrossKey(
      float[][] scores, boolean[][] protectedSlots, int[][] positions, int head, int slot) {
    boolean isProtected = protectedSlots[head] != null && protectedSlots[head][slot];
    int order = positions[head][slot] * scores.length + scores.length - 1 - head;
    return key(scores[head][slot], isProtected, order);
  }

  /** Orders as (protected, score, slot) does; distinct for distinct slots. */
  private static long key(float score, boolean isProtected, int slot) {
    // Adding zero turns -0 into +0, which must tie with it.
    int bits = Float.floatToIntBits(score + 0f);
    int ordered = isProtected ? Integer.MAX_VALUE : bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | slot;
  }

  /** Gives unprotected scores near the cut the cut's own rank, so that the later slot wins. */
  private static void joinTies(long[] keys, float[] scores, float cut, float tolerance) {
    float reach = Math.abs(cut) * tolerance;
    for (int i = 0; i < keys.length; i++) {
      boolean isProtected = keys[i] >> 32 == Integer.MAX_VALUE;
      if (!isProtected && Math.abs(scores[i] - cut) <= reach) {
        keys[i] = key(cut, false, i);
      }
    }
  }

  /**
   * Narrows down to those that agree with it in ever more leading bits. Counting them does not
   * branch on what they are, which on scores would be a guess each time.
   */
  private static long nthSmallest(long[] a, int index) {
    int left = a.length;
    int rank = index;
    for (int shift = Long.SIZE - DIGIT; left > SMALL && shift > -DIGIT; shift -= DIGIT) {
      int[] counts = new int[1 << DIGIT];
      for (int i = 0; i < left; i++) {
        counts[digit(a[i], shift)]++;
      }
      int digit = 0;
      while (rank >= counts[digit]) {
        rank -= counts[digit++];
      }
      int same = 0;
      for (int i = 0; i < left; i++) {
        a[same] = a[i];
        same += digit(a[i], shift) == digit ? 1 : 0;
      }
      left = same;
    }
    Arrays.sort(a, 0, left);
    return a[rank];
  }

  /** The bits from {@code shift} on, in the order of signed numbers. */
  private static int digit(long key, int shift) {
    long ordered = key ^ Long.MIN_VALUE;
    long bits = shift >= 0 ? ordered >>> shift : ordered << -shift;
    return (int) bits & ((1 << DIGIT) - 1);
  }
}
