package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins one signal of one layer over the chunks of a prefill along its query axis: parts {@code
 * [outer, Q_i, inner_i]} become {@code [outer, ΣQ_i, inner]}, with inner that of the last part.
 */
final class PassTensors {
  private final List<float[]> parts = new ArrayList<>();
  private final List<Integer> queries = new ArrayList<>();
  private final List<Integer> widths = new ArrayList<>();
  private int[] outerShape = {};

  /**
   * Takes the next part.
   *
   * @param tensor {@code [outer…, Q, inner]}
   */
  void add(HostTensor tensor) {
    long[] shape = tensor.shape();
    outerShape = new int[shape.length - 2];
    Arrays.setAll(outerShape, i -> (int) shape[i]);
    queries.add((int) shape[shape.length - 2]);
    widths.add((int) shape[shape.length - 1]);
    float[] values = new float[tensor.data().capacity() / Float.BYTES];
    tensor.floats().get(0, values);
    parts.add(values);
  }

  void clear() {
    parts.clear();
    queries.clear();
    widths.clear();
  }

  /** The whole signal {@code [outer…, ΣQ, inner]}; what a shorter part lacks is zero. */
  FloatTensor joined() {
    if (parts.isEmpty()) {
      throw new IllegalStateException("no pass has emitted the signal yet");
    }
    int outer = Arrays.stream(outerShape).reduce(1, Math::multiplyExact);
    int rows = queries.stream().mapToInt(Integer::intValue).sum();
    int width = widths.get(widths.size() - 1);
    int[] shape = Arrays.copyOf(outerShape, outerShape.length + 2);
    shape[shape.length - 2] = rows;
    shape[shape.length - 1] = width;
    if (parts.size() == 1) {
      return FloatTensor.of(parts.get(0), shape);
    }
    float[] all = new float[Math.multiplyExact(Math.multiplyExact(outer, rows), width)];
    for (int o = 0; o < outer; o++) {
      int row = 0;
      for (int p = 0; p < parts.size(); p++) {
        int partRows = queries.get(p);
        int partWidth = widths.get(p);
        for (int q = 0; q < partRows; q++, row++) {
          System.arraycopy(
              parts.get(p),
              (o * partRows + q) * partWidth,
              all,
              (o * rows + row) * width,
              partWidth);
        }
      }
    }
    return FloatTensor.of(all, shape);
  }
}
