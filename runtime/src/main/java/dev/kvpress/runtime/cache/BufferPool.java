package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory that is used again instead of being given back to the garbage collector, which
 * frees direct memory late. Memory from the pool is not cleared.
 */
public final class BufferPool {
  // A buffer may serve a request of this fraction of its size, so that growing caches find theirs.
  private static final int MAX_WASTE = 2;
  private static final int GRAIN = 4096;

  private final TreeMap<Integer, Deque<ByteBuffer>> free = new TreeMap<>();
  private long liveBytes;
  private long peakBytes;

  /**
   * A buffer of at least some size, held once.
   *
   * @param bytes at least 0
   * @throws ModelException if the JVM has no more direct memory
   */
  public synchronized PooledBuffer take(long bytes) {
    if (bytes > Integer.MAX_VALUE - GRAIN) {
      throw new ModelException(
          "one layer's keys need %d bytes; a buffer holds 2 GiB at most, use a shorter context"
              .formatted(bytes));
    }
    int size = (int) ((Math.max(bytes, 1) + GRAIN - 1) / GRAIN * GRAIN);
    ByteBuffer buffer = find(size);
    if (buffer == null) {
      try {
        buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
      } catch (OutOfMemoryError e) {
        free.clear();
        throw new ModelException(
            "no direct memory for %d more bytes of cache (%d in use); raise -XX:MaxDirectMemorySize or shorten the context"
                .formatted(size, liveBytes),
            e);
      }
    }
    liveBytes += buffer.capacity();
    peakBytes = Math.max(peakBytes, liveBytes);
    return new PooledBuffer(this, buffer);
  }

  /** Bytes handed out and not given back. */
  public synchronized long liveBytes() {
    return liveBytes;
  }

  /** The most bytes that were ever handed out at once. */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  private @Nullable ByteBuffer find(int size) {
    Map.Entry<Integer, Deque<ByteBuffer>> fit = free.ceilingEntry(size);
    if (fit == null || fit.getKey() > (long) size * MAX_WASTE) {
      return null;
    }
    ByteBuffer buffer = fit.getValue().pop();
    if (fit.getValue().isEmpty()) {
      free.remove(fit.getKey());
    }
    return buffer;
  }

  synchronized void giveBack(ByteBuffer buffer) {
    liveBytes -= buffer.capacity();
    free.computeIfAbsent(buffer.capacity(), size -> new ArrayDeque<>()).push(buffer);
  }
}
