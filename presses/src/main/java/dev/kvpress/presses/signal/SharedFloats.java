package dev.kvpress.presses.signal;

import java.nio.FloatBuffer;

/**
 * Floats that several holders share, never written to while there are any; the last one to let go
 * gives the memory back to where it came from. Whoever makes one holds it.
 */
public interface SharedFloats {
  /** The floats; a view that is valid while they are held, for absolute indices. */
  FloatBuffer floats();

  /** One more holder. */
  void retain();

  /** One holder fewer. */
  void release();

  /**
   * More memory, where possible from the same place, held once and to be filled before it is
   * shared.
   *
   * @param count floats; what they hold is undefined
   */
  SharedFloats another(int count);

  /** Floats of the garbage-collected heap, whose holders need not be counted. */
  static SharedFloats ofHeap(int count) {
    return new HeapFloats(FloatBuffer.allocate(count));
  }
}
