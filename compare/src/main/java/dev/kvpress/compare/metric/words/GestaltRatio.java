package dev.kvpress.compare.metric.words;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How alike two texts are by the longest blocks of characters they share, and by those left and
 * right of them (Ratcliff and Metzener, "Pattern Matching: The Gestalt Approach", 1988), as
 * Python's {@code difflib.SequenceMatcher} finds them: 2 · matched / (both lengths). In texts of
 * 200 characters or more those that make up over one in a hundred of the second text do not begin a
 * block.
 *
 * <p>This is less than the edit similarity of the longest common subsequence, and it is not
 * symmetric: of equally long blocks the first counts.
 */
public final class GestaltRatio {
  /** From here on frequent characters begin no block. */
  private static final int LONG = 200;

  private final int[] first;
  private final int[] second;
  private final Map<Integer, ImmutableIntArray> places;

  /** A block: where it begins in both texts, and its length. */
  private record Block(int first, int second, int length) {}

  /** What is still to be searched. */
  private record Gap(int from, int to, int otherFrom, int otherTo) {}

  private GestaltRatio(String first, String second) {
    this.first = first.codePoints().toArray();
    this.second = second.codePoints().toArray();
    this.places = places(this.second);
  }

  /**
   * The ratio of two texts in whole percents, as {@code fuzz.ratio} of the package {@code
   * fuzzywuzzy} gives it: halves are rounded to the even percent, and an empty text is like nothing
   * but another empty one.
   */
  public static int percent(String first, String second) {
    if (first.equals(second)) {
      return 100;
    }
    if (first.isEmpty() || second.isEmpty()) {
      return 0;
    }
    return (int) Math.rint(100 * new GestaltRatio(first, second).ratio());
  }

  private double ratio() {
    int matched = 0;
    Deque<Gap> gaps = new ArrayDeque<>(List.of(new Gap(0, first.length, 0, second.length)));
    while (!gaps.isEmpty()) {
      Gap gap = gaps.pop();
      Block block = longest(gap);
      if (block.length() > 0) {
        matched += block.length();
        gaps.push(new Gap(gap.from(), block.first(), gap.otherFrom(), block.second()));
        gaps.push(
            new Gap(
                block.first() + block.length(),
                gap.to(),
                block.second() + block.length(),
                gap.otherTo()));
      }
    }
    return 2.0 * matched / (first.length + second.length);
  }

  private static Map<Integer, ImmutableIntArray> places(int[] text) {
    Map<Integer, ImmutableIntArray.Builder> found = new HashMap<>();
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < text.length; i++) {
      found.computeIfAbsent(text[i], c -> ImmutableIntArray.builder()).add(i);
      counts.merge(text[i], 1, Integer::sum);
    }
    Set<Integer> frequent = new HashSet<>();
    if (text.length >= LONG) {
      int most = text.length / 100 + 1;
      counts.forEach(
          (character, count) -> {
            if (count > most) {
              frequent.add(character);
            }
          });
    }
    Map<Integer, ImmutableIntArray> places = new HashMap<>();
    found.forEach(
        (character, at) -> {
          if (!frequent.contains(character)) {
            places.put(character, at.build());
          }
        });
    return places;
  }

  private Block longest(Gap gap) {
    Block best = new Block(gap.from(), gap.otherFrom(), 0);
    // Length of the block that ends at each place of the second text, for the character before.
    Map<Integer, Integer> ending = Map.of();
    for (int i = gap.from(); i < gap.to(); i++) {
      Map<Integer, Integer> now = new HashMap<>();
      ImmutableIntArray same = places.getOrDefault(first[i], ImmutableIntArray.of());
      for (int p = 0; p < same.length(); p++) {
        int j = same.get(p);
        if (j >= gap.otherFrom() && j < gap.otherTo()) {
          int length = ending.getOrDefault(j - 1, 0) + 1;
          now.put(j, length);
          if (length > best.length()) {
            best = new Block(i - length + 1, j - length + 1, length);
          }
        }
      }
      ending = now;
    }
    return grown(best, gap);
  }

  /** Frequent characters may still stand at both ends of a block. */
  private Block grown(Block block, Gap gap) {
    int from = block.first();
    int other = block.second();
    int to = from + block.length();
    int otherTo = other + block.length();
    while (from > gap.from() && other > gap.otherFrom() && first[from - 1] == second[other - 1]) {
      from--;
      other--;
    }
    while (to < gap.to() && otherTo < gap.otherTo() && first[to] == second[otherTo]) {
      to++;
      otherTo++;
    }
    return new Block(from, other, to - from);
  }
}
