package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A dense tensor of floats in row-major order, read only. */
public final class FloatTensor {
  private final FloatBuffer data;
  private final int[] shape;

  /**
   * A view over a buffer.
   *
   * @param data as many floats as the shape says; absolute indices are used
   * @param shape sizes, outermost first
   */
  public FloatTensor(FloatBuffer data, int... shape) {
    long expected = 1;
    for (int size : shape) {
      expected *= size;
    }
    checkArgument(
        data.capacity() >= expected,
        "a tensor of shape %s needs %s floats, found %s",
        Arrays.toString(shape),
        expected,
        data.capacity());
    this.data = data;
    this.shape = shape.clone();
  }

  /** A view over an array. */
  public static FloatTensor of(float[] data, int... shape) {
    return new FloatTensor(FloatBuffer.wrap(data), shape);
  }

  /** The size of one axis. */
  public int size(int axis) {
    return shape[axis];
  }

  /** A copy of the shape. */
  public int[] shape() {
    return shape.clone();
  }

  /** Copies {@code length} floats from flat index {@code from} on. */
  public void read(int from, float[] into, int length) {
    data.get(from, into, 0, length);
  }

  /** One float by its flat index. */
  public float get(int flatIndex) {
    return data.get(flatIndex);
  }
}
