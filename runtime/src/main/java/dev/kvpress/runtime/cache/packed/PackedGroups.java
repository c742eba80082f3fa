package dev.kvpress.runtime.cache.packed;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.PooledBuffer;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Memory of groups of packed tokens, of all heads: six tensors, each {@code [B*G, N, …]} with N
 * groups a head, n bytes for the codes of a vector and P = N*g. It is not cleared; a group that
 * holds no token must be {@link #clear cleared}.
 */
final class PackedGroups {

  /** The tensors. */
  enum Part {
    /** uint8 {@code [B, G, N, n, g]}. */
    KEY_CODES,
    /** float16 {@code [B, G, N, D]}. */
    KEY_SCALES,
    /** float16 {@code [B, G, N, D]}. */
    KEY_MINIMA,
    /** uint8 {@code [B, G, P, n]}. */
    VALUE_CODES,
    /** float16 {@code [B, G, P, D/channels]}. */
    VALUE_SCALES,
    /** float16 {@code [B, G, P, D/channels]}. */
    VALUE_MINIMA;

    /** Bytes of one group of one head. */
    int groupBytes(BlockShape shape) {
      return switch (this) {
        case KEY_CODES -> shape.tokens() * shape.vectorBytes();
        case KEY_SCALES, KEY_MINIMA -> shape.headSize() * Short.BYTES;
        case VALUE_CODES, VALUE_SCALES, VALUE_MINIMA -> shape.tokens() * tokenBytes(shape);
      };
    }

    /** Bytes of one token, of parts of values. */
    int tokenBytes(BlockShape shape) {
      return switch (this) {
        case VALUE_CODES -> shape.vectorBytes();
        case VALUE_SCALES, VALUE_MINIMA -> shape.valueBlocks() * Short.BYTES;
        case KEY_CODES, KEY_SCALES, KEY_MINIMA -> throw new IllegalStateException(name());
      };
    }
  }

  private static final Part[] VALUE_PARTS = {
    Part.VALUE_CODES, Part.VALUE_SCALES, Part.VALUE_MINIMA
  };

  private static final byte[] ZEROS = new byte[4096];

  private final BlockShape shape;
  private final int heads;
  private final int groups;
  private final Map<Part, PooledBuffer> parts = new EnumMap<>(Part.class);

  /**
   * Takes memory that holds anything.
   *
   * @param heads B*G
   * @param groups N
   */
  PackedGroups(BufferPool pool, BlockShape shape, int heads, int groups) {
    this.shape = shape;
    this.heads = heads;
    this.groups = groups;
    boolean done = false;
    try {
      for (Part part : Part.values()) {
        parts.put(part, pool.take(bytes(part)));
      }
      done = true;
    } finally {
      if (!done) {
        release();
      }
    }
  }

  private long bytes(Part part) {
    return (long) heads * groups * part.groupBytes(shape);
  }

  BlockShape shape() {
    return shape;
  }

  /** N. */
  int groups() {
    return groups;
  }

  /** A part of exactly its size, native byte order. */
  ByteBuffer tensor(Part part) {
    return memory(part).first(bytes(part));
  }

  /** All memory of a part. */
  ByteBuffer bytesOf(Part part) {
    return memory(part).bytes();
  }

  private PooledBuffer memory(Part part) {
    return requireNonNull(parts.get(part), part.name());
  }

  /** Where a group of a head begins in a part, in bytes. */
  int offset(Part part, int head, int group) {
    return (head * groups + group) * part.groupBytes(shape);
  }

  /** Bytes of all parts. */
  long physicalBytes() {
    return (long) heads * groups * shape.groupBytes();
  }

  /** Copies neighbouring groups as they are. */
  void copyGroups(int head, int group, int count, PackedGroups target, int targetGroup) {
    for (Part part : Part.values()) {
      target
          .bytesOf(part)
          .put(
              target.offset(part, head, targetGroup),
              bytesOf(part),
              offset(part, head, group),
              count * part.groupBytes(shape));
    }
  }

  /** Copies a value as it is; slots count over the groups of a head. */
  void copyValue(int head, int slot, PackedGroups target, int targetSlot) {
    for (Part part : VALUE_PARTS) {
      int bytes = part.tokenBytes(shape);
      target
          .bytesOf(part)
          .put(
              target.offset(part, head, 0) + targetSlot * bytes,
              bytesOf(part),
              offset(part, head, 0) + slot * bytes,
              bytes);
    }
  }

  /** Lets groups hold zeros. */
  void clear(int head, int group, int count) {
    for (Part part : Part.values()) {
      int at = offset(part, head, group);
      for (int left = count * part.groupBytes(shape); left > 0; left -= ZEROS.length) {
        int length = Math.min(left, ZEROS.length);
        bytesOf(part).put(at, ZEROS, 0, length);
        at += length;
      }
    }
  }

  /** Lets a key channel of a group be 0, whatever its codes. */
  void zeroChannel(int head, int group, int channel) {
    int at = channel * Short.BYTES;
    bytesOf(Part.KEY_SCALES).putShort(offset(Part.KEY_SCALES, head, group) + at, (short) 0);
    bytesOf(Part.KEY_MINIMA).putShort(offset(Part.KEY_MINIMA, head, group) + at, (short) 0);
  }

  boolean isOwnedAlone() {
    return parts.values().stream().allMatch(PooledBuffer::isOwnedAlone);
  }

  PackedGroups retain() {
    parts.values().forEach(PooledBuffer::retain);
    return this;
  }

  void release() {
    parts.values().forEach(PooledBuffer::release);
  }
}
