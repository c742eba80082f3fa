package dev.kvpress.runtime.cache;

import dev.kvpress.presses.signal.SharedFloats;
import dev.kvpress.runtime.ModelException;
import java.nio.FloatBuffer;

/**
 * Floats in memory of a pool. More of them come from the same pool, or from the heap where that has
 * no more: an edit that has begun must not fail.
 */
public final class PooledFloats implements SharedFloats {
  private final BufferPool pool;
  private final PooledBuffer buffer;
  private final FloatBuffer floats;

  /**
   * Floats at the beginning of a buffer.
   *
   * @param buffer held by the caller, whose hold becomes this one's
   */
  public PooledFloats(BufferPool pool, PooledBuffer buffer, int count) {
    this.pool = pool;
    this.buffer = buffer;
    this.floats = buffer.first((long) count * Float.BYTES).asFloatBuffer();
  }

  @Override
  public FloatBuffer floats() {
    buffer.requireHeld();
    return floats;
  }

  @Override
  public void retain() {
    buffer.retain();
  }

  @Override
  public void release() {
    buffer.release();
  }

  @Override
  public SharedFloats another(int count) {
    try {
      return new PooledFloats(pool, pool.take((long) count * Float.BYTES), count);
    } catch (ModelException noMemory) {
      return SharedFloats.ofHeap(count);
    }
  }
}
