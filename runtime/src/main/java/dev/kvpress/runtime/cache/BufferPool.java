package dev.kvpress.runtime.cache;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory that is used again instead of being given back to the garbage collector, which
 * frees direct memory late. Memory from the pool is not cleared. Safe for many threads.
 *
 * <p>Buffers in use and idle ones together never take more than was in use at once of late, or 16
 * MiB: beyond that the buffers that have lain idle longest are let go. Of late means during the
 * last {@value #PERIOD} to twice {@value #PERIOD} takings, so that what many requests at once have
 * needed is not kept for ever after they are gone.
 */
public final class BufferPool implements AutoCloseable {
  static final int PERIOD = 8192;

  private static final int GRAIN = 4096;
  private static final long IDLE_FLOOR = 16L << 20;

  // The same buffers, in the order in which they were given back, and by their size.
  private final Set<Idle> idle = new LinkedHashSet<>();
  private final NavigableMap<Integer, Deque<Idle>> idleBySize = new TreeMap<>();
  private long liveBytes;
  private long peakBytes;
  private long idleBytes;
  private int takings;
  private long peakOfPeriod;
  private long peakOfPeriodBefore;
  private boolean closed;

  /** Told apart by identity; buffers are equal where their content is. */
  private static final class Idle {
    private final ByteBuffer buffer;

    private Idle(ByteBuffer buffer) {
      this.buffer = buffer;
    }
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
    ByteBuffer buffer = find(size);
    if (buffer == null) {
      buffer = allocate(size);
    }
    liveBytes += buffer.capacity();
    notePeak();
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
      dropIdle();
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

  private void notePeak() {
    peakBytes = Math.max(peakBytes, liveBytes);
    if (++takings == PERIOD) {
      takings = 0;
      peakOfPeriodBefore = peakOfPeriod;
      peakOfPeriod = 0;
    }
    peakOfPeriod = Math.max(peakOfPeriod, liveBytes);
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
    Map.Entry<Integer, Deque<Idle>> best = idleBySize.ceilingEntry(size);
    if (best == null || best.getKey() > size + (long) size / 4) {
      return null;
    }
    // The last one given back: its pages are the likeliest to be in memory.
    return taken(best.getValue().getLast(), best.getValue());
  }

  /** Of one size the oldest lies first and the newest last; one of these two it is. */
  private ByteBuffer taken(Idle one, Deque<Idle> same) {
    if (same.getLast().equals(one)) {
      same.removeLast();
    } else {
      same.removeFirst();
    }
    int size = one.buffer.capacity();
    if (same.isEmpty()) {
      idleBySize.remove(size);
    }
    idle.remove(one);
    idleBytes -= size;
    return one.buffer;
  }

  synchronized void giveBack(ByteBuffer buffer) {
    liveBytes -= buffer.capacity();
    if (closed) {
      return;
    }
    Idle one = new Idle(buffer);
    idle.add(one);
    idleBySize.computeIfAbsent(buffer.capacity(), size -> new ArrayDeque<>()).addLast(one);
    idleBytes += buffer.capacity();
    trim();
  }

  private void trim() {
    long bound = Math.max(IDLE_FLOOR, Math.max(peakOfPeriod, peakOfPeriodBefore));
    while (!idle.isEmpty() && liveBytes + idleBytes > bound) {
      Idle oldest = idle.iterator().next();
      taken(oldest, requireNonNull(idleBySize.get(oldest.buffer.capacity())));
    }
  }

  private void dropIdle() {
    idle.clear();
    idleBySize.clear();
    idleBytes = 0;
  }

  /** Keeps nothing idle from here on; what is in use may be given back, and taken, as before. */
  @Override
  public synchronized void close() {
    closed = true;
    dropIdle();
  }
}
