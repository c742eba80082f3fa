package dev.kvpress.runtime.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A part of one allocation of direct memory. Told apart by identity: buffers are by content. */
final class MemoryPiece {
  private final ByteBuffer slab;
  private final int offset;
  private final int size;

  /**
   * A part.
   *
   * @param slab the whole allocation
   * @param offset where it begins, in bytes
   * @param size bytes
   */
  private MemoryPiece(ByteBuffer slab, int offset, int size) {
    this.slab = slab;
    this.offset = offset;
    this.size = size;
  }

  static MemoryPiece whole(ByteBuffer slab) {
    return new MemoryPiece(slab, 0, slab.capacity());
  }

  int size() {
    return size;
  }

  boolean isWhole() {
    return size == slab.capacity();
  }

  /** Its memory, native byte order. */
  ByteBuffer bytes() {
    return slab.slice(offset, size).order(ByteOrder.nativeOrder());
  }

  MemoryPiece first(int bytes) {
    return new MemoryPiece(slab, offset, bytes);
  }

  /** What is left behind the first bytes. */
  MemoryPiece after(int bytes) {
    return new MemoryPiece(slab, offset + bytes, size - bytes);
  }

  @SuppressWarnings("ReferenceEquality") // Two allocations may have the same content.
  boolean touches(MemoryPiece other) {
    return slab == other.slab
        && (offset + size == other.offset || other.offset + other.size == offset);
  }

  /** Both as one; they must touch. */
  MemoryPiece join(MemoryPiece other) {
    return new MemoryPiece(slab, Math.min(offset, other.offset), size + other.size);
  }
}
