package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.Remark;
import java.io.Closeable;
import java.util.List;
import java.util.Optional;

/**
 * The samples of a task in file order, one in memory at a time.
 *
 * @param <T> what one sample is
 */
public interface SampleReader<T> extends Closeable {
  /**
   * The next sample, or empty after the last one.
   *
   * @throws DataException naming the line that is not as it should be; a file without a sample is
   *     an error too
   */
  Optional<T> next();

  /** What is to be said about the rows read so far: those that were skipped. */
  default List<Remark> notices() {
    return List.of();
  }

  @Override
  void close();

  /**
   * The next samples.
   *
   * @param most at least 1
   */
  default ImmutableList<T> atMost(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("expected at least 1 sample, found " + most);
    }
    ImmutableList.Builder<T> samples = ImmutableList.builder();
    for (int count = 0; count < most; count++) {
      Optional<T> sample = next();
      if (sample.isEmpty()) {
        break;
      }
      samples.add(sample.get());
    }
    return samples.build();
  }
}
