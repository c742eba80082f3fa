package dev.kvpress.recipe.cache;

import dev.kvpress.recipe.cache.ReadContext.Verdict;
import dev.kvpress.recipe.model.Shape;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sums over questions of what {@link HeadStudy} sees, and the tables made of them. */
final class HeadTotals {
  private final Shape shape;
  private final double[] attention;
  private final double[] nats;
  private final int[] alone;
  private final Map<Scoring, Budgets> budgets = new EnumMap<>(Scoring.class);
  private int questions;
  private int full;
  private int none;

  /** Of one scoring, by head: uniform first, shared second. */
  private static final class Budgets {
    final double[][] tokens;
    final double[][] values;
    final List<boolean[]> right = new ArrayList<>();

    Budgets(int heads) {
      tokens = new double[heads][2];
      values = new double[heads][2];
    }

    /** Right answers of one cache. */
    long right(int cache) {
      return right.stream().filter(verdicts -> verdicts[cache]).count();
    }

    /** Right answers of a cache less those of uniform budgets, with half a 95 % interval. */
    String gain(int cache) {
      double sum = 0;
      double squares = 0;
      for (boolean[] verdicts : right) {
        int change = (verdicts[cache] ? 1 : 0) - (verdicts[0] ? 1 : 0);
        sum += change;
        squares += change * change;
      }
      double n = right.size();
      double mean = sum / n;
      double half = 1.96 * Math.sqrt((squares / n - mean * mean) / n);
      return String.format(Locale.ROOT, "%+.3f ±%.3f", mean, half);
    }
  }

  HeadTotals(Shape shape) {
    this.shape = shape;
    attention = new double[heads()];
    nats = new double[heads()];
    alone = new int[heads()];
  }

  /** KV heads of all layers. */
  int heads() {
    return shape.layers() * shape.kvHeads();
  }

  int layer(int head) {
    return head / shape.kvHeads();
  }

  int group(int head) {
    return head % shape.kvHeads();
  }

  void attention(int layer, int group, double weight) {
    attention[layer * shape.kvHeads() + group] += weight;
  }

  /** Verdicts of the full cache, none with the value, and for each head all but it, only it. */
  void retrieval(List<Verdict> verdicts) {
    questions++;
    full += verdicts.get(0).right() ? 1 : 0;
    none += verdicts.get(1).right() ? 1 : 0;
    for (int head = 0; head < heads(); head++) {
      nats[head] += verdicts.get(2 + 2 * head).nats() - verdicts.get(0).nats();
      alone[head] += verdicts.get(3 + 2 * head).right() ? 1 : 0;
    }
  }

  void kept(Scoring scoring, int head, boolean[] values, boolean[] uniform, boolean[] shared) {
    Budgets of = of(scoring);
    boolean[][] lost = {uniform, shared};
    for (int i = 0; i < lost.length; i++) {
      int all = 0;
      int here = 0;
      for (int t = 0; t < values.length; t++) {
        of.tokens[head][i] += lost[i][t] ? 0 : 1;
        all += values[t] ? 1 : 0;
        here += values[t] && !lost[i][t] ? 1 : 0;
      }
      of.values[head][i] += here / (double) Math.max(1, all);
    }
  }

  /** Verdicts of uniform budgets, shared ones, and for each head shared in it alone. */
  void budgets(Scoring scoring, List<Verdict> verdicts) {
    boolean[] right = new boolean[verdicts.size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = verdicts.get(i).right();
    }
    of(scoring).right.add(right);
  }

  private Budgets of(Scoring scoring) {
    return budgets.computeIfAbsent(scoring, s -> new Budgets(heads()));
  }

  void print(PrintStream out, double ratio) {
    double n = questions;
    print(out, "%d questions, %.2f removed", questions, ratio);
    print(out, "right with the full cache %.3f, without the value %.3f", full / n, none / n);
    print(
        out,
        "| layer | KV head | attention to the value | nats lost without | right with it alone |");
    print(out, "|---|---|---|---|---|");
    for (int head = 0; head < heads(); head++) {
      print(
          out,
          "| %d | %d | %.3f | %.3f | %.3f |",
          layer(head),
          group(head),
          attention[head] / n,
          nats[head] / n,
          alone[head] / n);
    }
    budgets.forEach((scoring, of) -> print(out, scoring, of));
  }

  private void print(PrintStream out, Scoring scoring, Budgets of) {
    double n = questions;
    print(
        out,
        "%s: right %.3f uniform, %.3f adakv, %s",
        scoring,
        of.right(0) / n,
        of.right(1) / n,
        of.gain(1));
    print(
        out,
        "| layer | KV head | tokens uniform | adakv | value kept uniform | adakv | adakv here alone |");
    print(out, "|---|---|---|---|---|---|---|");
    for (int head = 0; head < heads(); head++) {
      double[] tokens = of.tokens[head];
      double[] values = of.values[head];
      print(
          out,
          "| %d | %d | %.0f | %.0f | %.2f | %.2f | %s |",
          layer(head),
          group(head),
          tokens[0] / n,
          tokens[1] / n,
          values[0] / n,
          values[1] / n,
          of.gain(2 + head));
    }
  }

  private static void print(PrintStream out, String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
