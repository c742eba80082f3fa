package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory that is used again instead of being given back to the garbage collector, which
 * frees direct memory late. Memory from the pool is not cleared.
 *
 * <p>Buffers in use and idle ones together never take more than was in use at once at some time, or
 * 16 MiB: beyond that the buffers that have lain idle longest are let go. Before that happens an
 * idle buffer is divided, so that caches which are cut layer by layer move into each other's
 * memory; its parts join again when they come back. Where a part is in use, the rest cannot be let
 * go and may exceed the bound.
 */
public final class BufferPool {
  private static final int GRAIN = 4096;
  private static final long IDLE_FLOOR = 16L << 20;

  // Smaller parts than this of an allocation are not worth dividing it.
  private static final int MOST_PARTS = 8;

  private final IntFunction<ByteBuffer> allocator;
  // In the order in which they were given back.
  private final List<MemoryPiece> idle = new ArrayList<>();
  private long liveBytes;
  private long peakBytes;
  private long idleBytes;

  /** An empty pool. */
  public BufferPool() {
    this(ByteBuffer::allocateDirect);
  }

  /** A pool whose memory comes from elsewhere, for tests. */
  BufferPool(IntFunction<ByteBuffer> allocator) {
    this.allocator = allocator;
  }

  /**
   * A buffer of at least some size, held once.
   *
   * @param bytes at least 0
   * @throws ModelException if the JVM has no more direct memory
   */
  public synchronized PooledBuffer take(long bytes) {
    if (bytes > Integer.MAX_VALUE - GRAIN) {
      throw new ModelException(
          "one tensor needs %d bytes; a buffer holds 2 GiB at most, use a shorter context or a smaller chunk"
              .formatted(bytes));
    }
    int size = sizeClass((int) Math.max(bytes, 1));
    MemoryPiece piece = find(size);
    if (piece == null && liveBytes + idleBytes + size > bound(liveBytes + size)) {
      piece = divide(size);
    }
    if (piece == null) {
      piece = MemoryPiece.whole(allocate(size));
    }
    liveBytes += piece.size();
    peakBytes = Math.max(peakBytes, liveBytes);
    trim();
    return new PooledBuffer(this, piece);
  }

  private long bound(long live) {
    return Math.max(Math.max(peakBytes, live), IDLE_FLOOR);
  }

  /**
   * Rounds up by an eighth at most, so that a cache which grows token by token finds its former
   * buffers large enough.
   */
  private static int sizeClass(int bytes) {
    int step = Math.max(GRAIN, Integer.highestOneBit(bytes) >> 3);
    long size = ((long) bytes + step - 1) / step * step;
    return (int) Math.min(size, Integer.MAX_VALUE - 8);
  }

  private ByteBuffer allocate(int size) {
    try {
      return allocator.apply(size);
    } catch (OutOfMemoryError full) {
      idle.removeIf(MemoryPiece::isWhole);
      idleBytes = idle.stream().mapToLong(MemoryPiece::size).sum();
      try {
        return allocator.apply(size);
      } catch (OutOfMemoryError e) {
        throw new ModelException(
            "no direct memory for %d more bytes of cache (%d in use); raise -XX:MaxDirectMemorySize or shorten the context"
                .formatted(size, liveBytes),
            e);
      }
    }
  }

  /** Bytes handed out and not given back. */
  public synchronized long liveBytes() {
    return liveBytes;
  }

  /** The most bytes that were ever handed out at once. */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /** Bytes that wait to be used again. */
  public synchronized long idleBytes() {
    return idleBytes;
  }

  /** The smallest idle buffer that fits and is at most a quarter larger. */
  private @Nullable MemoryPiece find(int size) {
    int best = smallest(size, size + (long) size / 4);
    if (best < 0) {
      return null;
    }
    MemoryPiece piece = idle.remove(best);
    idleBytes -= piece.size();
    return piece;
  }

  /** The first part of the smallest idle buffer that is not too large to be divided. */
  private @Nullable MemoryPiece divide(int size) {
    int best = smallest(size, (long) size * MOST_PARTS);
    if (best < 0) {
      return null;
    }
    MemoryPiece piece = idle.get(best);
    idle.set(best, piece.after(size));
    idleBytes -= size;
    return piece.first(size);
  }

  /** Index of the smallest idle buffer within bounds, of equal ones the last; -1 for none. */
  private int smallest(int least, long most) {
    int best = -1;
    for (int i = idle.size() - 1; i >= 0; i--) {
      int size = idle.get(i).size();
      if (size >= least && size <= most && (best < 0 || size < idle.get(best).size())) {
        best = i;
      }
    }
    return best;
  }

  synchronized void giveBack(MemoryPiece piece) {
    liveBytes -= piece.size();
    idleBytes += piece.size();
    MemoryPiece joined = piece;
    for (int i = idle.size() - 1; i >= 0; i--) {
      if (idle.get(i).touches(joined)) {
        joined = joined.join(idle.remove(i));
        // What was passed over may touch the larger one.
        i = idle.size();
      }
    }
    idle.add(joined);
    trim();
  }

  private void trim() {
    for (int i = 0; i < idle.size() && liveBytes + idleBytes > Math.max(peakBytes, IDLE_FLOOR); ) {
      if (idle.get(i).isWhole()) {
        idleBytes -= idle.remove(i).size();
      } else {
        i++;
      }
    }
  }
}
