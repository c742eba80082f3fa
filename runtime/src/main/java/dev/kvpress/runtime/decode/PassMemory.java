package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.PooledBuffer;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tensors that live for one pass. */
final class PassMemory implements AutoCloseable {
  private final BufferPool pool;
  private final List<PooledBuffer> taken = new ArrayList<>();

  PassMemory(BufferPool pool) {
    this.pool = pool;
  }

  /** A tensor whose memory holds anything. */
  HostTensor tensor(ElementType type, long... shape) {
    long bytes = type.bytes();
    for (long size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new ModelException(
          "a tensor of shape %s needs %d bytes; one tensor can have 2 GiB at most, use a smaller chunk"
              .formatted(Arrays.toString(shape), bytes));
    }
    PooledBuffer buffer = pool.take(bytes);
    taken.add(buffer);
    return new HostTensor(type, buffer.first(bytes), shape);
  }

  @Override
  public void close() {
    taken.forEach(PooledBuffer::release);
  }
}
