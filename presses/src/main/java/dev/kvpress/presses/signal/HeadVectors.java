package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.kernel.Vectors;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One vector of D floats for each cached token of each head: keys or values, {@code [B, G, S, D]}.
 *
 * <p>A view, not a copy: the vectors of one head lie one after another in a buffer, heads may start
 * anywhere, which is how a cache with spare room or with heads of different length looks. The owner
 * of the buffer guarantees that it does not change while the view is in use.
 */
public final class HeadVectors {
  private final FloatBuffer data;
  private final int heads;
  private final int[] starts;
  private final int size;
  private final @Nullable Origin origin;
  // [B*G], the lengths of a head's vectors once somebody has asked for them.
  private final AtomicReferenceArray<double @Nullable []> norms;

  /**
   * A view over a buffer.
   *
   * @param data absolute indices are used, position and limit are ignored
   * @param heads G, heads per batch row
   * @param starts {@code [B*G]}, index of the first float of each head's first token
   * @param size D, floats per vector
   */
  public HeadVectors(FloatBuffer data, int heads, int[] starts, int size) {
    this(data, heads, starts, size, null);
  }

  private HeadVectors(
      FloatBuffer data, int heads, int[] starts, int size, @Nullable Origin origin) {
    checkArgument(size >= 1, "vector size must be at least 1, found %s", size);
    this.data = data;
    this.heads = heads;
    this.starts = starts.clone();
    this.size = size;
    this.origin = origin;
    norms = new AtomicReferenceArray<>(starts.length);
  }

  /**
   * A view over a dense array.
   *
   * @param data {@code [B, G, S, D]}
   */
  public static HeadVectors dense(float[] data, int batch, int heads, int tokens, int size) {
    checkArgument(
        data.length == (long) batch * heads * tokens * size,
        "expected %s x %s x %s x %s floats, found %s",
        batch,
        heads,
        tokens,
        size,
        data.length);
    int[] starts = new int[batch * heads];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i * tokens * size;
    }
    return new HeadVectors(FloatBuffer.wrap(data), heads, starts, size);
  }

  /** D, floats per vector. */
  public int size() {
    return size;
  }

  /** Whether they lie on the heap, where no cache and no graph writes. */
  public boolean isOnHeap() {
    return !data.isDirect();
  }

  /** Copies the vector of one token into {@code into[0..D)}. */
  public void read(int row, int head, int slot, float[] into) {
    data.get(starts[row * heads + head] + slot * size, into, 0, size);
  }

  /** Copies the vectors of the tokens {@code from..to} of one head, one after another. */
  public void read(int row, int head, int from, int to, float[] into) {
    data.get(starts[row * heads + head] + from * size, into, 0, (to - from) * size);
  }

  /** Copies the vectors of the tokens {@code from..to} of one head, a row each. */
  public void read(int row, int head, int from, int to, float[][] into) {
    int first = starts[row * heads + head];
    for (int slot = from; slot < to; slot++) {
      data.get(first + slot * size, into[slot - from], 0, size);
    }
  }

  /** One float. */
  public float get(int row, int head, int slot, int channel) {
    return data.get(starts[row * heads + head] + slot * size + channel);
  }

  /**
   * The Euclidean lengths of the first vectors of a head. They are reckoned once, and once for all
   * copies that {@link #keep} makes, so that scorers asked again and again about parts need not.
   *
   * @return {@code [tokens]} or longer; not to be written into
   */
  public double[] norms(int row, int head, int tokens) {
    int index = row * heads + head;
    double[] known = norms.get(index);
    if (known != null && known.length >= tokens) {
      return known;
    }
    double[] own = known == null ? new double[tokens] : Arrays.copyOf(known, tokens);
    int first = known == null ? 0 : known.length;
    if (origin != null) {
      origin.norms(row, head, own);
    } else {
      reckonNorms(row, head, first, own);
    }
    norms.set(index, own);
    return own;
  }

  private void reckonNorms(int row, int head, int first, double[] into) {
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[Math.min(perBlock, Math.max(1, into.length - first)) * size];
    for (int from = first; from < into.length; from += perBlock) {
      int to = Math.min(into.length, from + perBlock);
      read(row, head, from, to, block);
      for (int j = from; j < to; j++) {
        into[j] = Math.sqrt(Vectors.squaredNorm(block, (j - from) * size, size));
      }
    }
  }

  /** Where copied vectors come from. */
  private record Origin(HeadVectors source, KeptSlots kept) {
    void norms(int row, int head, double[] into) {
      int last = into.length - 1;
      double[] all = source.norms(row, head, last < 0 ? 0 : kept.slot(row, head, last) + 1);
      for (int i = 0; i < into.length; i++) {
        into[i] = all[kept.slot(row, head, i)];
      }
    }
  }

  /** A dense copy of all tokens of a ledger with some channels set to zero. */
  HeadVectors zero(ZeroedChannels zeroed, LayerLedger tokens) {
    int longest = Math.max(1, tokens.maxLength());
    float[] copy = new float[starts.length * longest * size];
    int[] newStarts = new int[starts.length];
    for (int head = 0; head < starts.length; head++) {
      newStarts[head] = head * longest * size;
      int length = tokens.length(head / heads, head % heads);
      data.get(starts[head], copy, newStarts[head], length * size);
      for (int channel : zeroed.of(head / heads, head % heads)) {
        for (int slot = 0; slot < length; slot++) {
          copy[newStarts[head] + slot * size + channel] = 0;
        }
      }
    }
    return new HeadVectors(FloatBuffer.wrap(copy), heads, newStarts, size);
  }

  /** A dense copy of the tokens that stay. */
  public HeadVectors keep(KeptSlots kept) {
    int batch = starts.length / heads;
    int longest = Math.max(1, kept.maxCount());
    float[] copy = new float[starts.length * longest * size];
    int[] newStarts = new int[starts.length];
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < heads; g++) {
        int head = b * heads + g;
        newStarts[head] = head * longest * size;
        int[] slots = kept.of(b, g);
        for (int i = 0, end; i < slots.length; i = end) {
          for (end = i + 1; end < slots.length && slots[end] == slots[end - 1] + 1; ) {
            end++;
          }
          int from = starts[head] + slots[i] * size;
          data.get(from, copy, newStarts[head] + i * size, (end - i) * size);
        }
      }
    }
    return new HeadVectors(FloatBuffer.wrap(copy), heads, newStarts, size, new Origin(this, kept));
  }
}
