package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.SharedFloats;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.PooledFloats;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassTensorsTest {
  private static final int OUTER = 3;

  private final BufferPool pool = new BufferPool();

  private static float number(int outer, int row, int column) {
    return 1 + 10_000 * outer + 100 * row + column;
  }

  private void add(PassTensors joined, int from, int to, int width) {
    int rows = to - from;
    int count = OUTER * rows * width;
    PooledFloats part = new PooledFloats(pool, pool.take(4L * count), count);
    for (int o = 0; o < OUTER; o++) {
      for (int q = 0; q < rows; q++) {
        for (int c = 0; c < width; c++) {
          part.floats().put((o * rows + q) * width + c, number(o, from + q, c));
        }
      }
    }
    joined.add(part, new long[] {1, OUTER, rows, width});
    part.release();
  }

  private static void assertHolds(FloatTensor tensor, int[] widths) {
    int rows = widths.length;
    int width = widths[rows - 1];
    assertThat(tensor.shape()).containsExactly(1, OUTER, rows, width);
    for (int i = 0; i < OUTER * rows * width; i++) {
      int row = i / width % rows;
      int column = i % width;
      float expected = column < widths[row] ? number(i / width / rows, row, column) : 0;
      assertThat(tensor.get(i)).as("row %s, column %s", row, column).isEqualTo(expected);
    }
  }

  private static int[] widths(int rows, int width) {
    int[] widths = new int[rows];
    Arrays.fill(widths, width);
    return widths;
  }

  @ParameterizedTest
  // With the right expectation there is one buffer of the final size.
  @CsvSource({"11,true", "0,false", "4,false", "20,false"})
  void partsAreJoinedAlongTheQueries(int expected, boolean right) {
    PassTensors joined = new PassTensors(expected, 0);
    add(joined, 0, 4, 5);
    add(joined, 4, 5, 5);
    add(joined, 5, 11, 5);
    assertHolds(joined.joined(), widths(11, 5));
    if (right) {
      // Four bytes a number, in grains of four kibibytes: the whole and one part at most.
      assertThat(pool.peakBytes()).isEqualTo(2 * 4096);
    }
    joined.release();
    assertThat(pool.liveBytes()).isZero();
    assertThatThrownBy(joined::joined)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("given back");
  }

  @ParameterizedTest
  @CsvSource({"6,7", "6,0", "0,0", "3,5"})
  void narrowerPartsEndInZeros(int expectedQueries, int expectedWidth) {
    // Memory of a pool is not cleared.
    SharedFloats dirty = new PooledFloats(pool, pool.take(4096), 1024);
    for (int i = 0; i < 1024; i++) {
      dirty.floats().put(i, Float.NaN);
    }
    dirty.release();
    PassTensors joined = new PassTensors(expectedQueries, expectedWidth);
    add(joined, 0, 2, 3);
    add(joined, 2, 5, 6);
    add(joined, 5, 6, 7);
    assertHolds(joined.joined(), new int[] {3, 3, 6, 6, 6, 7});
  }

  @Test
  void onePassIsTakenAsItIs() {
    PassTensors joined = new PassTensors(6, 0);
    add(joined, 0, 6, 2);
    assertThat(pool.peakBytes()).isEqualTo(4096);
    assertHolds(joined.joined(), widths(6, 2));
    joined.release();
    assertThat(pool.liveBytes()).isZero();
  }

  @Test
  void memoryIsHeldUntilTheLastForkLetsGo() {
    PassTensors joined = new PassTensors(6, 0);
    add(joined, 0, 6, 2);
    PassTensors fork = joined.retain();
    joined.release();
    assertHolds(fork.joined(), widths(6, 2));
    fork.release();
    assertThat(pool.liveBytes()).isZero();
  }
}
