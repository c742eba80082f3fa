package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.SavedState;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The attention rows of the last W queries of each row of the batch, where the graph has written
 * them: a ring of places in shared memory. An edit copies what stays into memory of its own.
 */
final class ObservedRows {
  private static final int READ_AT_ONCE = 1024;

  private final int batch;
  private final int heads;
  private final int window;
  private final boolean holds;
  // [B*W], the ring: row i of batch row b is at b * W + (first[b] + i) % W.
  private final @Nullable SharedFloats[] blocks;
  // [B*W][H] by ring, then query head: where the row begins in its block, and how long it is.
  private final int[][] starts;
  private final int[][] lengths;
  private final int[] first;
  private final int[] count;
  private boolean closed;

  ObservedRows(int batch, int heads, int window) {
    this.batch = batch;
    this.heads = heads;
    this.window = window;
    holds = true;
    blocks = new SharedFloats[batch * window];
    starts = new int[batch * window][heads];
    lengths = new int[batch * window][heads];
    first = new int[batch];
    count = new int[batch];
  }

  private ObservedRows(ObservedRows that, boolean holds) {
    that.requireOpen();
    batch = that.batch;
    heads = that.heads;
    window = that.window;
    this.holds = holds;
    blocks = that.blocks.clone();
    // Places are replaced, never written into, so that forks may share them.
    starts = that.starts.clone();
    lengths = that.lengths.clone();
    first = that.first.clone();
    count = that.count.clone();
    if (holds) {
      for (SharedFloats block : blocks) {
        if (block != null) {
          block.retain();
        }
      }
    }
  }

  /** A second holder of the same rows. */
  ObservedRows fork() {
    return new ObservedRows(this, true);
  }

  /** The same rows without a hold on their memory; valid while this one holds it. */
  ObservedRows view() {
    return new ObservedRows(this, false);
  }

  int window() {
    return window;
  }

  int count(int row) {
    return count[row];
  }

  /**
   * Takes the rows of the last queries of one pass.
   *
   * @param rows {@code [B, H, W', T]}, right aligned in T, the last query last
   * @param rowsInTensor W'
   * @param slotsInTensor T
   * @param newTokens {@code [B]}, valid queries of the pass; rows of padding are skipped
   * @param lengths {@code [B][H]}, tokens cached of the KV head that each query head reads
   */
  void add(
      SharedFloats rows, int rowsInTensor, int slotsInTensor, int[] newTokens, int[][] lengths) {
    requireOpen();
    for (int b = 0; b < batch; b++) {
      int valid = Math.min(Math.min(rowsInTensor, newTokens[b]), window);
      int at = makeRoom(b, valid);
      for (int i = 0; i < valid; i++) {
        int[] own = new int[heads];
        for (int h = 0; h < heads; h++) {
          int row = (b * heads + h) * rowsInTensor + rowsInTensor - valid + i;
          own[h] = (row + 1) * slotsInTensor - lengths[b][h];
        }
        set(place(b, at + i), rows, own, lengths[b]);
      }
    }
  }

  /** Index of the first of some new rows, after the oldest ones have gone. */
  private int makeRoom(int row, int fresh) {
    int overflow = Math.max(0, count[row] + fresh - window);
    first[row] = window == 0 ? 0 : (first[row] + overflow) % window;
    count[row] += fresh - overflow;
    return count[row] - fresh;
  }

  private int place(int row, int index) {
    return row * window + (first[row] + index) % window;
  }

  private void set(int place, SharedFloats block, int[] from, int[] length) {
    SharedFloats old = blocks[place];
    if (holds) {
      block.retain();
    }
    blocks[place] = block;
    starts[place] = from;
    lengths[place] = length;
    if (holds && old != null) {
      old.release();
    }
  }

  /** Copies one row into {@code into[0..slots)}; what it lacks is 0. */
  void read(int row, int head, int index, float[] into, int slots) {
    int place = checked(row, index);
    int n = Math.min(slots, lengths[place][head]);
    floats(place).get(starts[place][head], into, 0, n);
    Arrays.fill(into, n, slots, 0f);
  }

  /** Adds one row to {@code into[0..slots)}. */
  void add(int row, int head, int index, double[] into, int slots) {
    int place = checked(row, index);
    int n = Math.min(slots, lengths[place][head]);
    FloatBuffer floats = floats(place);
    float[] some = new float[Math.min(n, READ_AT_ONCE)];
    for (int from = 0; from < n; from += some.length) {
      int read = Math.min(some.length, n - from);
      floats.get(starts[place][head] + from, some, 0, read);
      for (int i = 0; i < read; i++) {
        into[from + i] += some[i];
      }
    }
  }

  private int checked(int row, int index) {
    requireOpen();
    // Not checkState, which would box its arguments for every row.
    if (index < 0 || index >= count[row]) {
      throw new IllegalStateException(
          "attention row %d was asked for, but %d rows were observed".formatted(index, count[row]));
    }
    return place(row, index);
  }

  private FloatBuffer floats(int place) {
    SharedFloats block = blocks[place];
    checkState(block != null, "no row was observed there");
    return block.floats();
  }

  /** Cuts all rows, those of each row of the batch into one block of their own. */
  void keep(KeptSlots kept) {
    requireOpen();
    int group = heads / kept.kvHeads();
    for (int b = 0; b < batch; b++) {
      if (count[b] > 0) {
        keep(b, kept, group);
      }
    }
  }

  private void keep(int row, KeptSlots kept, int group) {
    int[][] length = new int[count[row]][heads];
    int total = 0;
    for (int i = 0; i < length.length; i++) {
      for (int h = 0; h < heads; h++) {
        length[i][h] = seen(kept.of(row, h / group), lengths[place(row, i)][h]);
        total = Math.addExact(total, length[i][h]);
      }
    }
    SharedFloats old = blocks[place(row, 0)];
    SharedFloats own = holds && old != null ? old.another(total) : SharedFloats.ofHeap(total);
    FloatBuffer into = own.floats();
    int at = 0;
    for (int i = 0; i < length.length; i++) {
      int[] start = new int[heads];
      for (int h = 0; h < heads; h++) {
        start[h] = at;
        copy(place(row, i), h, kept.of(row, h / group), length[i][h], into, at);
        at += length[i][h];
      }
      set(place(row, i), own, start, length[i]);
    }
    if (holds) {
      own.release();
    }
  }

  /** How many of the kept slots a row of some length has. */
  private static int seen(int[] slots, int length) {
    int at = Arrays.binarySearch(slots, length);
    return at >= 0 ? at : -at - 1;
  }

  private void copy(int place, int head, int[] slots, int count, FloatBuffer into, int at) {
    FloatBuffer from = floats(place);
    int start = starts[place][head];
    for (int i = 0; i < count; i++) {
      into.put(at + i, from.get(start + slots[i]));
    }
  }

  /** Adds the rows of all queries, oldest first, to what goes to a file. */
  void save(SavedState into) {
    requireOpen();
    int[] counts = count.clone();
    int[][] lengthOf = new int[Arrays.stream(counts).sum()][];
    float[][] rows = new float[lengthOf.length * heads][];
    int at = 0;
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < counts[b]; i++, at++) {
        lengthOf[at] = lengths[place(b, i)];
        for (int h = 0; h < heads; h++) {
          float[] row = new float[lengthOf[at][h]];
          read(b, h, i, row, row.length);
          rows[at * heads + h] = row;
        }
      }
    }
    into.with("row_counts", counts)
        .with("row_lengths", SavedState.joined(lengthOf))
        .with("rows", SavedState.joined(rows));
  }

  /** Takes rows out of a file, into an account that has none yet. */
  void restore(SavedState saved, LayerLedger ledger) {
    int[] counts = saved.ints("row_counts", batch);
    for (int found : counts) {
      checkArgument(found >= 0 && found <= window, "row_counts must be in [0, %s]", window);
    }
    int rows = Arrays.stream(counts).sum();
    int[] all = saved.ints("row_lengths", (long) rows * heads);
    long total = 0;
    for (int i = 0; i < all.length; i++) {
      checkArgument(
          all[i] >= 0 && all[i] <= ledger.maxLength(), "row_lengths: a row has %s", all[i]);
      total += all[i];
    }
    float[] values = saved.floats("rows", total);
    SharedFloats block = new HeapFloats(FloatBuffer.wrap(values));
    int at = 0;
    int row = 0;
    for (int b = 0; b < batch; b++) {
      count[b] = counts[b];
      for (int i = 0; i < counts[b]; i++, row++) {
        int[] start = new int[heads];
        int[] length = Arrays.copyOfRange(all, row * heads, (row + 1) * heads);
        for (int h = 0; h < heads; h++) {
          start[h] = at;
          at += length[h];
        }
        set(place(b, i), block, start, length);
      }
    }
  }

  private void requireOpen() {
    checkState(!closed, "the attention rows were given back with their cache");
  }

  /** Lets go of the memory; closing twice does nothing more. */
  void close() {
    if (!closed && holds) {
      for (int i = 0; i < blocks.length; i++) {
        SharedFloats block = blocks[i];
        blocks[i] = null;
        if (block != null) {
          block.release();
        }
      }
    }
    closed = true;
  }
}
