package dev.kvpress.presses.signal;

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
