package dev.kvpress.runtime.ort;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A tensor in direct memory of native byte order, which ONNX Runtime reads and writes without a
 * copy.
 *
 * @param type element type
 * @param data direct, native order, exactly as many bytes as the shape needs
 * @param shape sizes, outermost first; a size may be 0
 */
public record HostTensor(ElementType type, ByteBuffer data, long[] shape) {

  /** Checks memory against shape. */
  public HostTensor {
    long elements = 1;
    for (long size : shape) {
      checkArgument(size >= 0, "sizes must not be negative, found %s", Arrays.toString(shape));
      elements = Math.multiplyExact(elements, size);
    }
    checkArgument(data.isDirect(), "a tensor for the engine must lie in direct memory");
    checkArgument(data.order() == ByteOrder.nativeOrder(), "a tensor must be in native byte order");
    checkArgument(
        data.capacity() == elements * type.bytes(),
        "a tensor of shape %s needs %s bytes, found %s",
        Arrays.toString(shape),
        elements * type.bytes(),
        data.capacity());
    shape = shape.clone();
  }

  /** A fresh tensor of zeros. */
  public static HostTensor allocate(ElementType type, long... shape) {
    long bytes = type.bytes();
    for (long size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    checkArgument(
        bytes <= Integer.MAX_VALUE,
        "a tensor of shape %s needs %s bytes; one tensor can have 2 GiB at most, use a smaller chunk",
        Arrays.toString(shape),
        bytes);
    return new HostTensor(
        type, ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder()), shape);
  }

  /** The memory as floats. */
  public FloatBuffer floats() {
    checkArgument(type == ElementType.FLOAT32, "expected float32, found %s", type);
    return data.asFloatBuffer();
  }
}
