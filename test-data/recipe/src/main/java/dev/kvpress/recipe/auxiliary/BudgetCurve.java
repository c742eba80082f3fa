package dev.kvpress.recipe.auxiliary;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What to remove from each KV head when a given part of the whole cache goes, as LU-KV (arXiv
 * 2602.08585) has it: budgets by marginal loss, measured offline. From full heads, step by step the
 * head gives up its next few tokens whose loss per removed fraction is least, measured with what
 * all others have lost by then.
 *
 * <p>The paper adds up losses of single heads; here the model itself is asked each time, since
 * heads stand in for each other. What a step costs changes little from step to step, so that only
 * the most promising heads are measured anew.
 */
final class BudgetCurve {
  /** Fractions a head goes through; finer where few tokens are left. */
  private static final double[] LEVELS = {
    0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1
  };

  private static final int MEASURED_ANEW = 4;
  private static final int PERCENTS = 99;

  /** The loss of caches. */
  interface Losses {
    /** Losses of several caches, each the fraction removed by head. */
    double[] of(List<double[]> removed);
  }

  private final int heads;
  private final Losses losses;

  /** Over {@code heads} KV heads of all layers. */
  BudgetCurve(int heads, Losses losses) {
    this.heads = heads;
    this.losses = losses;
  }

  /** Fraction removed from each head when 1 to 99 percent of all go, {@code [99][heads]}. */
  double[][] measure() {
    int[] level = new int[heads];
    double[] cost = new double[heads];
    double[] state = new double[heads];
    double[][] curve = new double[PERCENTS][];
    double loss = losses.of(List.of(state))[0];
    int filled = 0;
    while (filled < PERCENTS) {
      int[] tried = candidates(level, cost, filled == 0 ? heads : MEASURED_ANEW);
      double[] after =
          losses.of(Arrays.stream(tried).mapToObj(h -> next(state, level, h)).toList());
      int best = 0;
      for (int i = 0; i < tried.length; i++) {
        int h = tried[i];
        cost[h] = (after[i] - loss) / (LEVELS[level[h] + 1] - LEVELS[level[h]]);
        best = cost[h] < cost[tried[best]] ? i : best;
      }
      double[] before = state.clone();
      int head = tried[best];
      state[head] = LEVELS[++level[head]];
      loss = after[best];
      filled = fill(curve, filled, before, state);
    }
    return curve;
  }

  private static int[] candidates(int[] level, double[] cost, int limit) {
    return IntStream.range(0, level.length)
        .filter(h -> level[h] + 1 < LEVELS.length)
        .boxed()
        .sorted(Comparator.comparingDouble(h -> cost[h]))
        .limit(limit)
        .mapToInt(h -> h)
        .toArray();
  }

  private static double[] next(double[] state, int[] level, int head) {
    double[] next = state.clone();
    next[head] = LEVELS[level[head] + 1];
    return next;
  }

  /** Fills percents up to the mean of {@code to}, on the line between two states. */
  private static int fill(double[][] curve, int filled, double[] from, double[] to) {
    double low = Arrays.stream(from).average().orElse(0);
    double high = Arrays.stream(to).average().orElse(0);
    int row = filled;
    while (row < PERCENTS && (row + 1) / 100.0 <= high) {
      double share = ((row + 1) / 100.0 - low) / (high - low);
      curve[row] = new double[from.length];
      for (int h = 0; h < from.length; h++) {
        curve[row][h] = from[h] + share * (to[h] - from[h]);
      }
      row++;
    }
    return row;
  }
}
