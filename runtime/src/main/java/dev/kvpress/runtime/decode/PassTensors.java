package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.SharedFloats;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One signal of one layer over the passes of a step, joined along its query axis as it comes: parts
 * {@code [outer, Q_i, inner_i]} become {@code [outer, ΣQ, inner]}. There is one tensor of the final
 * size from the first part on; where a step is one pass, it is the graph's own output.
 *
 * <p>Forks of a context share it; whoever does not need it any more lets go of it. It is written to
 * only before the first of them.
 */
final class PassTensors {
  private final int expectedQueries;
  private final int expectedWidth;
  private @Nullable SharedFloats memory;
  private int[] outerShape = {};
  private int outer;
  // Of every outer index there is room for this many rows of this width; the first ones are there.
  private int capacity;
  private int width;
  private int rows;
  private int holders = 1;

  /**
   * A signal without parts.
   *
   * @param expectedQueries ΣQ, as far as it is known; with more it grows
   * @param expectedWidth the last inner, 0 where all parts have the same
   */
  PassTensors(int expectedQueries, int expectedWidth) {
    this.expectedQueries = expectedQueries;
    this.expectedWidth = expectedWidth;
  }

  /**
   * Takes the next part.
   *
   * @param part held by the caller, and by this if it is the whole
   * @param shape {@code [outer…, Q, inner]}
   */
  void add(SharedFloats part, long[] shape) {
    int queries = (int) shape[shape.length - 2];
    int inner = (int) shape[shape.length - 1];
    if (memory == null) {
      outerShape = new int[shape.length - 2];
      Arrays.setAll(outerShape, i -> (int) shape[i]);
      outer = Arrays.stream(outerShape).reduce(1, Math::multiplyExact);
      capacity = queries;
      width = inner;
      if (queries >= expectedQueries && inner >= expectedWidth) {
        part.retain();
        memory = part;
        rows = queries;
        return;
      }
    }
    SharedFloats into = withRoom(part, queries, inner);
    FloatBuffer target = into.floats();
    FloatBuffer source = part.floats();
    for (int o = 0; o < outer; o++) {
      copy(source, o * queries * inner, inner, target, o * capacity + rows, queries);
    }
    rows += queries;
  }

  /** Copies rows which may be narrower than here; what they lack is zero. */
  private void copy(
      FloatBuffer source, int from, int inner, FloatBuffer target, int toRow, int count) {
    if (inner == width) {
      target.put(toRow * width, source, from, count * width);
      return;
    }
    for (int q = 0; q < count; q++) {
      int to = (toRow + q) * width;
      target.put(to, source, from + q * inner, inner);
      for (int i = inner; i < width; i++) {
        target.put(to + i, 0);
      }
    }
  }

  private SharedFloats withRoom(SharedFloats part, int queries, int inner) {
    int most = Math.addExact(rows, queries);
    SharedFloats old = memory;
    if (old != null && most <= capacity && inner <= width) {
      return old;
    }
    int oldCapacity = capacity;
    int oldWidth = width;
    capacity = most <= expectedQueries ? expectedQueries : Math.max(most, 2 * rows);
    width = Math.max(width, Math.max(inner, expectedWidth));
    int size = Math.multiplyExact(Math.multiplyExact(outer, capacity), width);
    SharedFloats larger = part.another(size);
    if (old != null) {
      for (int o = 0; o < outer; o++) {
        int from = o * oldCapacity * oldWidth;
        copy(old.floats(), from, oldWidth, larger.floats(), o * capacity, rows);
      }
      old.release();
    }
    memory = larger;
    return larger;
  }

  /**
   * The whole signal {@code [outer…, ΣQ, inner]}; what a shorter part lacks is zero. A view while
   * this is held, unless fewer queries came than were expected.
   */
  FloatTensor joined() {
    if (memory == null) {
      throw new IllegalStateException("no pass has emitted the signal yet, or it was given back");
    }
    int[] shape = Arrays.copyOf(outerShape, outerShape.length + 2);
    shape[shape.length - 2] = rows;
    shape[shape.length - 1] = width;
    if (rows == capacity || outer == 1) {
      return new FloatTensor(memory.floats(), shape);
    }
    float[] dense = new float[outer * rows * width];
    for (int o = 0; o < outer; o++) {
      memory.floats().get(o * capacity * width, dense, o * rows * width, rows * width);
    }
    return FloatTensor.of(dense, shape);
  }

  /** One more holder. */
  synchronized PassTensors retain() {
    holders++;
    return this;
  }

  /** One holder fewer; with the last one the memory is given back. */
  synchronized void release() {
    if (--holders == 0 && memory != null) {
      memory.release();
      memory = null;
    }
  }
}
