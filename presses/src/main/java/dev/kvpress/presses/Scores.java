package dev.kvpress.presses;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.signal.LayerSignals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The scores of the cached tokens of one layer, {@code [B, G, S]}: higher is more important. Tokens
 * which must stay in any case (a local window, sinks) are marked apart instead of by a huge number,
 * so that wrappers can average and multiply the finite ones.
 */
public final class Scores {
  private final int kvHeads;
  private final float[][] values;
  private final boolean[][] protectedSlots;
  private float tieTolerance;

  /** Zero scores for every cached token of a layer. */
  public static Scores of(LayerSignals layer) {
    float[][] values = new float[layer.batch() * layer.kvHeads()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = new float[layer.length(i / layer.kvHeads(), i % layer.kvHeads())];
    }
    return new Scores(layer.kvHeads(), values, new boolean[values.length][]);
  }

  /** Writes the scores of one head. */
  public interface OfHead {
    /** Sets the scores of one head, and marks its protected tokens. */
    void write(Scores scores, int row, int kvHead);
  }

  /** The scores of a layer, written head by head. */
  public static Scores of(LayerSignals layer, OfHead head) {
    Scores scores = of(layer);
    for (int i = 0; i < scores.values.length; i++) {
      head.write(scores, i / scores.kvHeads, i % scores.kvHeads);
    }
    return scores;
  }

  /**
   * The scores of a layer, written by several threads, each head by one of them: what writes them
   * keeps no scratch between heads. Otherwise as {@link #of(LayerSignals, OfHead)}.
   */
  public static Scores inParallel(LayerSignals layer, OfHead head) {
    Scores scores = of(layer);
    layer
        .workers()
        .forEach(
            scores.values.length, i -> head.write(scores, i / scores.kvHeads, i % scores.kvHeads));
    return scores;
  }

  /**
   * Lets scores tie in {@link #top(int, int, int)} that differ by rounding alone.
   *
   * @param relative largest relative distance to the lowest score kept; 0, as at the start, for
   *     exact ties only
   */
  public void tieWithin(float relative) {
    checkArgument(relative >= 0 && relative < 1, "relative must be in [0, 1), found %s", relative);
    tieTolerance = relative;
  }

  private Scores(int kvHeads, float[][] values, boolean[][] protectedSlots) {
    this.kvHeads = kvHeads;
    this.values = values;
    this.protectedSlots = protectedSlots;
  }

  /** Batch rows, B. */
  public int batch() {
    return values.length / kvHeads;
  }

  /** KV heads, G. */
  public int kvHeads() {
    return kvHeads;
  }

  /** Scored tokens of one head. */
  public int length(int row, int kvHead) {
    return values[row * kvHeads + kvHead].length;
  }

  /** The score of a token, without regard to its protection. */
  public float get(int row, int kvHead, int slot) {
    return values[row * kvHeads + kvHead][slot];
  }

  /** Sets the score of a token. */
  public void set(int row, int kvHead, int slot, float score) {
    values[row * kvHeads + kvHead][slot] = score;
  }

  /** Sets the scores of one head. */
  public void setHead(int row, int kvHead, double[] scores) {
    setFrom(row, kvHead, 0, scores);
  }

  /** Sets the scores of the tokens of one head from slot {@code first} on. */
  public void setFrom(int row, int kvHead, int first, double[] scores) {
    float[] own = values[row * kvHeads + kvHead];
    for (int i = 0; i < scores.length; i++) {
      own[first + i] = (float) scores[i];
    }
  }

  /** Sets the scores of one head to one number. */
  public void fillHead(int row, int kvHead, float score) {
    Arrays.fill(values[row * kvHeads + kvHead], score);
  }

  /**
   * Marks the tokens {@code from..to} of one head as protected.
   *
   * @param from first slot, clipped to 0
   * @param to slot after the last, clipped to the length
   */
  public void protect(int row, int kvHead, int from, int to) {
    int head = row * kvHeads + kvHead;
    int first = Math.max(0, from);
    int end = Math.min(values[head].length, to);
    if (first >= end) {
      return;
    }
    if (protectedSlots[head] == null) {
      protectedSlots[head] = new boolean[values[head].length];
    }
    Arrays.fill(protectedSlots[head], first, end, true);
  }

  /** Whether a token is protected. */
  public boolean isProtected(int row, int kvHead, int slot) {
    boolean[] own = protectedSlots[row * kvHeads + kvHead];
    return own != null && own[slot];
  }

  /** The score as it is printed: {@code +inf} for protected tokens. */
  public float shown(int row, int kvHead, int slot) {
    return isProtected(row, kvHead, slot)
        ? Float.POSITIVE_INFINITY
        : values[row * kvHeads + kvHead][slot];
  }

  /**
   * A copy in which protected tokens carry the largest finite score of the layer plus one, for
   * wrappers that average or multiply.
   */
  public Scores withFiniteProtection() {
    float max = Float.NEGATIVE_INFINITY;
    for (int head = 0; head < values.length; head++) {
      for (int i = 0; i < values[head].length; i++) {
        boolean unprotected = protectedSlots[head] == null || !protectedSlots[head][i];
        if (unprotected && Float.isFinite(values[head][i])) {
          max = Math.max(max, values[head][i]);
        }
      }
    }
    float mark = Float.isFinite(max) ? max + 1 : 1;
    float[][] finite = new float[values.length][];
    for (int head = 0; head < values.length; head++) {
      finite[head] = values[head].clone();
      for (int i = 0; protectedSlots[head] != null && i < finite[head].length; i++) {
        if (protectedSlots[head][i]) {
          finite[head][i] = mark;
        }
      }
    }
    return new Scores(kvHeads, finite, new boolean[values.length][]);
  }

  /**
   * The slots of the {@code count} most important tokens of one head, ascending: protected ones
   * first, then by score, of equal scores the later position.
   */
  public int[] top(int row, int kvHead, int count) {
    int head = row * kvHeads + kvHead;
    checkArgument(
        count >= 0 && count <= values[head].length,
        "cannot keep %s of %s tokens",
        count,
        values[head].length);
    return TopTokens.select(values[head], protectedSlots[head], count, tieTolerance);
  }

  /** As {@link #top(int, int, int)}, of the slots {@code from..to} only. */
  public int[] top(int row, int kvHead, int from, int to, int count) {
    int head = row * kvHeads + kvHead;
    boolean[] marks = protectedSlots[head];
    int[] slots =
        TopTokens.select(
            Arrays.copyOfRange(values[head], from, to),
            marks == null ? null : Arrays.copyOfRange(marks, from, to),
            count);
    for (int i = 0; i < slots.length; i++) {
      slots[i] += from;
    }
    return slots;
  }

  /**
   * The slots of the most important tokens of one row, whichever heads they are in: first the
   * {@code safePerHead[g]} most important of each head, then protected ones, then by score; of
   * equal scores the later original position, then the lower head.
   *
   * @param layer tells the positions
   * @param total tokens to keep over all heads, at least the sum of {@code safePerHead}
   * @param safePerHead {@code [G]}
   * @return {@code [G][kept]}, ascending
   */
  public int[][] topAcrossHeads(LayerSignals layer, int row, int total, int[] safePerHead) {
    boolean[][] safe = new boolean[kvHeads][];
    int left = total;
    for (int g = 0; g < kvHeads; g++) {
      safe[g] = new boolean[length(row, g)];
      for (int slot : top(row, g, safePerHead[g])) {
        safe[g][slot] = true;
      }
      left -= safePerHead[g];
    }
    int first = row * kvHeads;
    return TopTokens.selectAcross(
        Arrays.copyOfRange(values, first, first + kvHeads),
        Arrays.copyOfRange(protectedSlots, first, first + kvHeads),
        safe,
        positions(layer, row),
        left);
  }

  /**
   * The slots of the most important tokens of all heads of all layers of one row, whichever they
   * are in: first the most important one of each head, so that none ends up empty, then as {@link
   * #topAcrossHeads}. Of equal scores the later slot, then the earlier layer, then the lower head.
   *
   * @param layers scores of each layer, of one row
   * @param total tokens to keep over all heads; more stay where there are more heads
   * @return {@code [L][G][kept]}, ascending
   */
  public static int[][][] topAcrossLayers(List<Scores> layers, int total) {
    List<int[]> slots = new ArrayList<>();
    for (Scores layer : layers) {
      checkArgument(layer.batch() == 1, "expected one row, found %s", layer.batch());
      for (float[] head : layer.values) {
        slots.add(IntStream.range(0, head.length).toArray());
      }
    }
    return topAcrossLayers(layers, 0, total, slots);
  }

  /**
   * As {@link #topAcrossLayers(List, int)}, of one row of several; of equal scores the later
   * original position.
   *
   * @param layers tell the positions, in the order of the scores
   */
  public static int[][][] topAcrossLayers(
      List<Scores> scores, List<LayerSignals> layers, int row, int total) {
    List<int[]> positions = new ArrayList<>();
    layers.forEach(layer -> positions.addAll(Arrays.asList(positions(layer, row))));
    return topAcrossLayers(scores, row, total, positions);
  }

  private static int[][][] topAcrossLayers(
      List<Scores> layers, int row, int total, List<int[]> order) {
    List<float[]> all = new ArrayList<>();
    List<boolean[]> marks = new ArrayList<>();
    List<boolean[]> safe = new ArrayList<>();
    int left = total;
    for (Scores layer : layers) {
      for (int g = 0; g < layer.kvHeads; g++) {
        float[] values = layer.values[row * layer.kvHeads + g];
        all.add(values);
        marks.add(layer.protectedSlots[row * layer.kvHeads + g]);
        boolean[] best = new boolean[values.length];
        int own = Math.min(1, best.length);
        for (int slot : layer.top(row, g, own)) {
          best[slot] = true;
        }
        safe.add(best);
        left -= own;
      }
    }
    int[][] kept =
        TopTokens.selectAcross(
            all.toArray(new float[0][]),
            marks.toArray(new boolean[0][]),
            safe.toArray(new boolean[0][]),
            order.toArray(new int[0][]),
            Math.max(0, left));
    int[][][] byLayer = new int[layers.size()][][];
    int head = 0;
    for (int l = 0; l < byLayer.length; l++) {
      byLayer[l] = Arrays.copyOfRange(kept, head, head + layers.get(l).kvHeads);
      head += layers.get(l).kvHeads;
    }
    return byLayer;
  }

  /** Original positions of the tokens of one row, {@code [G][S]}. */
  private static int[][] positions(LayerSignals layer, int row) {
    int[][] positions = new int[layer.kvHeads()][];
    for (int g = 0; g < positions.length; g++) {
      positions[g] = new int[layer.length(row, g)];
      for (int slot = 0; slot < positions[g].length; slot++) {
        positions[g][slot] = layer.position(row, g, slot);
      }
    }
    return positions;
  }

  /**
   * Refuses scores that are not numbers.
   *
   * @throws IllegalArgumentException naming layer, row, head and token
   */
  public void requireNumbers(LayerSignals layer) {
    for (int head = 0; head < values.length; head++) {
      float[] own = values[head];
      for (int i = 0; i < own.length; i++) {
        if (Float.isNaN(own[i])) {
          throw new IllegalArgumentException(
              "the score of token %d (layer %d, row %d, KV head %d) is not a number; keys, values or attention of that token hold NaN"
                  .formatted(
                      layer.position(head / kvHeads, head % kvHeads, i),
                      layer.layer(),
                      head / kvHeads,
                      head % kvHeads));
        }
      }
    }
  }
}
