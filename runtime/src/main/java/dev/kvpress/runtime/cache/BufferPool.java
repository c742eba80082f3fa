package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Direct memory that is used again instead of being given back to the garbage collector, which
 * frees direct memory late. Memory from the pool is not cleared. Safe for many threads.
 *
 * <p>Buffers in use and idle ones together never take more than was in use at once of late, or 16
 * MiB: beyond that the buffers that have lain idle longest are let go. Of late means during the
 * last {@value #PERIOD} to twice {@value #PERIOD} takings, so that what many requests at once have
 * needed is not kept for ever after they are gone.
 *
 * <p>Before more than that is taken from the system an idle buffer is divided, so that caches which
 * are cut layer by layer move into each other's memory; its parts join again when they come back.
 * Where a part is in use, the rest cannot be let go and may exceed the bound.
 */
public final class BufferPool implements AutoCloseable {
  static final int PERIOD = 8192;

  private static final int GRAIN = 4096;

  /** Bytes of the largest buffer there can be. */
  public static final long LARGEST = Integer.MAX_VALUE - GRAIN;

  private static final long IDLE_FLOOR = 16L << 20;

  // Smaller parts than this of an allocation are not worth dividing it.
  private static final int MOST_PARTS = 8;

  private final IntFunction<ByteBuffer> allocator;
  private final IdleMemory idle = new IdleMemory();
  private long liveBytes;
  private long peakBytes;
  private int takings;
  private long peakOfPeriod;
  private long peakOfPeriodBefore;
  private boolean closed;

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
    if (bytes > LARGEST) {
      throw new ModelException(
          "one tensor needs %d bytes; a buffer holds 2 GiB at most, use a shorter context or a smaller chunk"
              .formatted(bytes));
    }
    int size = sizeClass((int) Math.max(bytes, 1));
    // One that is at most a quarter larger is used as it is.
    Optional<MemoryPiece> found = idle.take(size, size + (long) size / 4);
    if (found.isEmpty() && liveBytes + idle.bytes() + size > bound(liveBytes + size)) {
      found = divided(size);
    }
    MemoryPiece piece = found.orElseGet(() -> MemoryPiece.whole(allocate(size)));
    liveBytes += piece.size();
    notePeak();
    trim();
    return new PooledBuffer(this, piece);
  }

  /** The first part of the smallest idle buffer that is not too large to be divided. */
  private Optional<MemoryPiece> divided(int size) {
    Optional<MemoryPiece> larger = idle.take(size, (long) size * MOST_PARTS);
    larger.filter(piece -> piece.size() > size).ifPresent(piece -> idle.add(piece.after(size)));
    return larger.map(piece -> piece.first(size));
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
      idle.shrinkTo(0);
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

  private void notePeak() {
    peakBytes = Math.max(peakBytes, liveBytes);
    if (++takings == PERIOD) {
      takings = 0;
      peakOfPeriodBefore = peakOfPeriod;
      peakOfPeriod = 0;
    }
    peakOfPeriod = Math.max(peakOfPeriod, liveBytes);
  }

  /** What buffers in use and idle ones may take, if so many bytes are in use. */
  private long bound(long live) {
    return Math.max(Math.max(IDLE_FLOOR, live), Math.max(peakOfPeriod, peakOfPeriodBefore));
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
    return idle.bytes();
  }

  synchronized void giveBack(MemoryPiece piece) {
    liveBytes -= piece.size();
    if (closed) {
      return;
    }
    idle.add(piece);
    trim();
  }

  private void trim() {
    idle.shrinkTo(bound(liveBytes) - liveBytes);
  }

  /** Keeps nothing idle from here on; what is in use may be given back, and taken, as before. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.shrinkTo(0);
  }
}
