package dev.kvpress.runtime.cache;

import java.nio.ByteBuffer;

/** Memory of the keys and values of one layer as a graph reads and writes it. */
public interface KeyValueMemory {
  /** C, slots per head there is room for. */
  int capacity();

  /** The memory of the keys, {@code [B, G, C, D]}. */
  ByteBuffer keyBytes();

  /** The memory of the values, {@code [B, G, C, D]}. */
  ByteBuffer valueBytes();
}
