package dev.kvpress.recipe.cache;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Which tokens a layer loses; of equal scores the later token stays, then the lower head. */
public final class Selection {
  /** kvpress's default share of its own budget that a head keeps under AdaKV. */
  private static final double SAFEGUARD = 0.2;

  private Selection() {}

  /** Tokens from the one to keep longest to the one to lose first, of one head. */
  public static int[] order(float[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> -scores[i])
                .thenComparing(Comparator.reverseOrder()))
        .mapToInt(i -> i)
        .toArray();
  }

  /** {@code [S]}, true for all but the first {@code kept} of an order. */
  public static boolean[] allBut(int[] order, int kept) {
    boolean[] lost = new boolean[order.length];
    for (int rank = kept; rank < order.length; rank++) {
      lost[order[rank]] = true;
    }
    return lost;
  }

  /** Every head of a layer keeps the same number of tokens, {@code [G][S]}. */
  static boolean[][] uniform(float[][] scores, int kept) {
    boolean[][] lost = new boolean[scores.length][];
    for (int g = 0; g < lost.length; g++) {
      lost[g] = allBut(order(scores[g]), kept);
    }
    return lost;
  }

  /** The heads of a layer share {@code G * kept} tokens as {@code adakv} has it, {@code [G][S]}. */
  static boolean[][] shared(float[][] scores, int kept) {
    int heads = scores.length;
    int tokens = scores[0].length;
    int safe = (int) (kept * SAFEGUARD);
    float[] flat = new float[heads * tokens];
    for (int g = 0; g < heads; g++) {
      int[] order = order(scores[g]);
      for (int rank = 0; rank < tokens; rank++) {
        // Interleaved, so that later tokens and lower heads stand behind in the flat order.
        int at = order[rank] * heads + heads - 1 - g;
        flat[at] = rank < safe ? Float.POSITIVE_INFINITY : scores[g][order[rank]];
      }
    }
    boolean[] lostFlat = allBut(order(flat), heads * kept);
    boolean[][] lost = new boolean[heads][tokens];
    for (int i = 0; i < flat.length; i++) {
      lost[heads - 1 - i % heads][i / heads] = lostFlat[i];
    }
    return lost;
  }
}
