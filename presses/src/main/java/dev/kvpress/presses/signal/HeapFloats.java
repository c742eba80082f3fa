package dev.kvpress.presses.signal;

import java.nio.FloatBuffer;

/** Floats of the heap. */
record HeapFloats(FloatBuffer floats) implements SharedFloats {
  @Override
  public void retain() {}

  @Override
  public void release() {}

  @Override
  public SharedFloats another(int count) {
    return SharedFloats.ofHeap(count);
  }
}
