package dev.kvpress.runtime.cache;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Direct memory with a count of its holders; the last one to let go returns it to the pool. Memory
 * of a mapped file is of no pool: it is read-only, nobody's own, and goes when nobody reaches it.
 */
public final class PooledBuffer {
  private final Runnable giveBack;
  private final boolean isMapped;
  private final ByteBuffer buffer;
  private int holders = 1;

  PooledBuffer(BufferPool pool, MemoryPiece piece) {
    this.giveBack = () -> pool.giveBack(piece);
    this.isMapped = false;
    this.buffer = piece.bytes();
  }

  private PooledBuffer(ByteBuffer mapped) {
    this.giveBack = () -> {};
    this.isMapped = true;
    this.buffer = mapped;
  }

  /**
   * Memory of a mapped file, which counts as shared however many hold it.
   *
   * @param mapped read-only and direct, native byte order
   */
  static PooledBuffer ofMapped(ByteBuffer mapped) {
    checkArgument(mapped.isReadOnly() && mapped.isDirect(), "mapped memory must be read-only");
    return new PooledBuffer(mapped.slice().order(ByteOrder.nativeOrder()));
  }

  /** One more holder. */
  public synchronized PooledBuffer retain() {
    checkState(holders > 0, "the buffer was already given back");
    holders++;
    return this;
  }

  /** One holder fewer. */
  public synchronized void release() {
    checkState(holders > 0, "the buffer was already given back");
    if (--holders == 0) {
      giveBack.run();
    }
  }

  /** Whether nobody else holds it, so that it may be written in place. */
  public synchronized boolean isOwnedAlone() {
    return holders == 1 && !isMapped;
  }

  /** Refuses to go on where the memory may be somebody else's by now. */
  synchronized void requireHeld() {
    checkState(holders > 0, "the buffer was already given back");
  }

  /** All of its memory, native byte order. */
  public ByteBuffer bytes() {
    return buffer;
  }

  /** Its first bytes as a buffer of exactly that size. */
  public ByteBuffer first(long bytes) {
    return buffer.slice(0, Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  /** Bytes there are. */
  public int capacity() {
    return buffer.capacity();
  }
}
