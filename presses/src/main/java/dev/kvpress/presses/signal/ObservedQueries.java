package dev.kvpress.presses.signal;

import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.kernel.Workers;
import java.util.Arrays;

/**
 * Moments of all queries before rotation that have passed through one layer, of each query head.
 * They live beside the cache, are not changed by edits, and take {@code B · H · D · D} numbers
 * whatever the length of the prompt.
 *
 * <p>Queries are taken up {@value #BLOCK} at a time, counted from the first one that is no sink;
 * those of a block that is not full wait. So nothing depends on how the prompt was divided into
 * passes, nor on what was prompt and what was decoded.
 */
public final class ObservedQueries {
  private static final int BLOCK = 64;

  // Beyond any model; keeps what a file claims from being believed.
  private static final int MOST_CHANNELS = 1 << 14;

  private static final String KIND = "query_moments";

  private final Signal.QueryMoments signal;
  private final int heads;
  // [B], queries of a row so far.
  private final int[] passed;
  // [B], those of them that count.
  private final int[] counted;
  // [B*H]; of a copy on write, as those of a fork are until either of them goes on.
  private RunningMoments[] moments;
  // [B*H][BLOCK * D], those that wait; before the first counted one, the last sink.
  private float[][] waiting;
  private int size;
  private boolean shared;

  ObservedQueries(Signal.QueryMoments signal, int batch, int heads) {
    this.signal = signal;
    this.heads = heads;
    passed = new int[batch];
    counted = new int[batch];
    moments = new RunningMoments[0];
    waiting = new float[0][];
  }

  private ObservedQueries(ObservedQueries that) {
    signal = that.signal;
    heads = that.heads;
    passed = that.passed.clone();
    counted = that.counted.clone();
    moments = that.moments;
    waiting = that.waiting;
    size = that.size;
    shared = true;
  }

  /**
   * Moments of queries that are all at hand.
   *
   * @param queries the last ones {@code [B, H, Q, D]}, right aligned
   * @param tokensSeen {@code [B]}, queries of each row in all, those given included
   */
  public static ObservedQueries of(
      Signal.QueryMoments signal, FloatTensor queries, int[] tokensSeen, Workers workers) {
    ObservedQueries observed = new ObservedQueries(signal, queries.size(0), queries.size(1));
    int[] given = new int[tokensSeen.length];
    for (int b = 0; b < given.length; b++) {
      given[b] = Math.min(queries.size(2), tokensSeen[b]);
      observed.passed[b] = tokensSeen[b] - given[b];
    }
    observed.add(queries, given, workers);
    return observed;
  }

  /** A second account that goes on alone; they share memory until one of them does. */
  public ObservedQueries fork() {
    shared = true;
    return new ObservedQueries(this);
  }

  /** Queries of one row that have passed, sinks included. */
  public int passed(int row) {
    return passed[row];
  }

  /**
   * Takes up the queries of one pass.
   *
   * @param queries {@code [B, H, Q, D]}, right aligned in Q
   * @param newTokens {@code [B]}, valid queries; those of padding are skipped
   */
  public void add(FloatTensor queries, int[] newTokens, Workers workers) {
    own(queries.size(3));
    int most = Arrays.stream(newTokens).max().orElse(0);
    // A few queries, as in decoding, are done before others would have begun.
    Workers some = most < BLOCK ? Workers.CALLER : workers;
    some.forEach(
        moments.length,
        head -> {
          int row = head / heads;
          int first = (head + 1) * queries.size(2) - newTokens[row];
          add(queries, head, first, newTokens[row]);
        });
    for (int b = 0; b < passed.length; b++) {
      counted[b] += newTokens[b] - sinksAmong(b, newTokens[b]);
      passed[b] += newTokens[b];
    }
  }

  /** All of it as numbers for a file. */
  public SavedState saved() {
    double[][] means = new double[moments.length][];
    double[][] scatters = new double[moments.length][];
    int[] counts = new int[moments.length];
    for (int head = 0; head < moments.length; head++) {
      means[head] = moments[head].mean();
      scatters[head] = moments[head].scatter();
      counts[head] = Math.toIntExact(moments[head].count());
    }
    return new SavedState(KIND)
        .with("size", size)
        .with("passed", passed.clone())
        .with("counted", counted.clone())
        .with("counts", counts)
        .with("means", SavedState.joined(means))
        .with("scatters", SavedState.joined(scatters))
        .with("waiting", SavedState.joined(waiting));
  }

  /**
   * The account out of a file.
   *
   * @throws IllegalArgumentException naming what does not fit
   */
  public static ObservedQueries restored(
      SavedState saved, Signal.QueryMoments signal, LayerLedger ledger) {
    saved.require(KIND, "size", "passed", "counted", "counts", "means", "scatters", "waiting");
    int batch = ledger.batch();
    int heads = ledger.queryHeads();
    ObservedQueries restored = new ObservedQueries(signal, batch, heads);
    int size = saved.integer("size", 0, MOST_CHANNELS);
    System.arraycopy(saved.ints("passed", batch), 0, restored.passed, 0, batch);
    System.arraycopy(saved.ints("counted", batch), 0, restored.counted, 0, batch);
    for (int b = 0; b < batch; b++) {
      boolean fits = restored.passed[b] >= 0 && restored.passed[b] <= ledger.tokensSeen(b);
      int sinks = Math.min(signal.sinks(), restored.passed[b]);
      if (!fits || restored.counted[b] != restored.passed[b] - sinks) {
        throw new IllegalArgumentException(
            "%s: row %d has %d queries of which %d count, but %d tokens with %d sinks"
                .formatted(
                    KIND,
                    b,
                    restored.passed[b],
                    restored.counted[b],
                    ledger.tokensSeen(b),
                    signal.sinks()));
      }
    }
    int all = size == 0 ? 0 : batch * heads;
    int[] counts = saved.ints("counts", all);
    double[] means = saved.doubles("means", (long) all * size);
    int wide = signal.covariance() ? size * size : 0;
    double[] scatters = saved.doubles("scatters", (long) all * wide);
    float[] waiting = saved.floats("waiting", (long) all * BLOCK * size);
    restored.size = size;
    restored.moments = new RunningMoments[all];
    restored.waiting = new float[all][];
    for (int head = 0; head < all; head++) {
      restored.moments[head] =
          RunningMoments.restored(
              size,
              Arrays.copyOfRange(means, head * size, (head + 1) * size),
              Arrays.copyOfRange(scatters, head * wide, (head + 1) * wide),
              counts[head]);
      int own = BLOCK * size;
      restored.waiting[head] = Arrays.copyOfRange(waiting, head * own, (head + 1) * own);
    }
    return restored;
  }

  private int sinksAmong(int row, int newTokens) {
    return Math.max(0, Math.min(newTokens, signal.sinks() - passed[row]));
  }

  private void own(int headSize) {
    if (moments.length == 0) {
      size = headSize;
      moments = new RunningMoments[passed.length * heads];
      Arrays.setAll(moments, i -> new RunningMoments(size, signal.covariance()));
      waiting = new float[moments.length][BLOCK * size];
    } else if (shared) {
      RunningMoments[] theirs = moments;
      float[][] wait = waiting;
      moments = new RunningMoments[theirs.length];
      Arrays.setAll(moments, i -> theirs[i].copy());
      waiting = new float[theirs.length][];
      Arrays.setAll(waiting, i -> wait[i].clone());
    }
    shared = false;
  }

  /** Takes up queries of one head. */
  private void add(FloatTensor queries, int head, int first, int count) {
    int sinks = sinksAmong(head / heads, count);
    float[] wait = waiting[head];
    float[] query = new float[size];
    if (sinks > 0) {
      queries.read((first + sinks - 1) * size, query, size);
      System.arraycopy(query, 0, wait, 0, size);
    }
    int at = counted[head / heads] % BLOCK;
    for (int i = sinks; i < count; i++) {
      queries.read((first + i) * size, query, size);
      System.arraycopy(query, 0, wait, at++ * size, size);
      if (at == BLOCK) {
        moments[head].add(rows(wait, at));
        at = 0;
      }
    }
  }

  private double[][] rows(float[] queries, int count) {
    double[][] rows = new double[count][size];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < size; c++) {
        rows[i][c] = queries[i * size + c];
      }
    }
    return rows;
  }

  /**
   * The moments of one query head. Where only sinks have passed, the last of them is all there is
   * to go by.
   *
   * @throws IllegalStateException if nothing has passed
   */
  public RunningMoments moments(int row, int queryHead) {
    if (moments.length == 0) {
      throw new IllegalStateException("no query has passed yet");
    }
    int head = row * heads + queryHead;
    RunningMoments all = moments[head].copy();
    int rest = counted[row] == 0 && passed[row] > 0 ? 1 : counted[row] % BLOCK;
    if (rest > 0) {
      all.add(rows(waiting[head], rest));
    }
    return all;
  }
}
