package dev.kvpress.runtime.export;

import java.util.Arrays;

/** A float tensor for tests; row-major. */
@SuppressWarnings("ArrayRecordComponent")
public record Tensor(long[] shape, float[] data) {

  public static Tensor zeros(long... shape) {
    return new Tensor(shape, new float[Math.toIntExact(size(shape))]);
  }

  static long size(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  public int dim(int axis) {
    return Math.toIntExact(shape[axis]);
  }

  private int index(int... at) {
    int index = 0;
    for (int i = 0; i < at.length; i++) {
      index = index * dim(i) + at[i];
    }
    return index;
  }

  public float at(int... at) {
    return data[index(at)];
  }

  public void set(float value, int... at) {
    data[index(at)] = value;
  }

  /** Rows of axis 2 of a rank-4 tensor. */
  public Tensor rows(int... kept) {
    Tensor out = zeros(shape[0], shape[1], kept.length, shape[3]);
    for (int b = 0; b < dim(0); b++) {
      for (int g = 0; g < dim(1); g++) {
        for (int s = 0; s < kept.length; s++) {
          for (int d = 0; d < dim(3); d++) {
            out.set(at(b, g, kept[s], d), b, g, s, d);
          }
        }
      }
    }
    return out;
  }

  @Override
  public String toString() {
    return Arrays.toString(shape);
  }
}
