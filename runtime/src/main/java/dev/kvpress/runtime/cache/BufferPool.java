package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory that is used again instead of being given back to the garbage collector, which
 * frees direct memory late. Memory from the pool is not cleared.
 *
 * <p>Buffers in use and idle ones together never take more than was in use at once at some time, or
 * 16 MiB: beyond that the buffers that have lain idle longest are let go.
 */
public final class BufferPool {
  private static final int GRAIN = 4096;

  /** Bytes of the largest buffer there can be. */
  public static final long LARGEST = Integer.MAX_VALUE - GRAIN;

  private static final long IDLE_FLOOR = 16L << 20;

  // In the order in which they were given back.
  private final List<ByteBuffer> idle = new ArrayList<>();
  private long liveBytes;
  private long peakBytes;
  private long idleBytes;

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
    ByteBuffer buffer = find(size);
    if (buffer == null) {
      buffer = allocate(size);
    }
    liveBytes += buffer.capacity();
    peakBytes = Math.max(peakBytes, liveBytes);
    trim();
    return new PooledBuffer(this, buffer);
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
      return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    } catch (OutOfMemoryError full) {
      idle.clear();
      idleBytes = 0;
      try {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
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
  private @Nullable ByteBuffer find(int size) {
    int best = -1;
    for (int i = idle.size() - 1; i >= 0; i--) {
      int capacity = idle.get(i).capacity();
      if (capacity >= size
          && capacity <= size + (long) size / 4
          && (best < 0 || capacity < idle.get(best).capacity())) {
        best = i;
      }
    }
    if (best < 0) {
      return null;
    }
    ByteBuffer buffer = idle.remove(best);
    idleBytes -= buffer.capacity();
    return buffer;
  }

  synchronized void giveBack(ByteBuffer buffer) {
    liveBytes -= buffer.capacity();
    idle.add(buffer);
    idleBytes += buffer.capacity();
    trim();
  }

  private void trim() {
    while (!idle.isEmpty() && liveBytes + idleBytes > Math.max(peakBytes, IDLE_FLOOR)) {
      idleBytes -= idle.remove(0).capacity();
    }
  }
}
