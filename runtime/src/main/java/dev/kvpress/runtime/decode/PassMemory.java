package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.signal.SharedFloats;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.PooledBuffer;
import dev.kvpress.runtime.cache.PooledFloats;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/** Tensors that live for one pass. */
final class PassMemory implements AutoCloseable {
  private final BufferPool pool;
  private final Map<HostTensor, PooledBuffer> taken = new IdentityHashMap<>();

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
    HostTensor tensor = new HostTensor(type, buffer.first(bytes), shape);
    taken.put(tensor, buffer);
    return tensor;
  }

  /** The floats of a tensor from here, held once more, so that they outlive the pass. */
  SharedFloats held(HostTensor tensor) {
    PooledBuffer buffer = requireNonNull(taken.get(tensor), "the tensor is of another pass");
    return new PooledFloats(pool, buffer.retain(), tensor.floats().capacity());
  }

  @Override
  public void close() {
    taken.values().forEach(PooledBuffer::release);
  }
}
