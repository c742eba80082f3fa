package dev.kvpress.compare.bench;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/** How fast this machine copies memory, as a measure for what reads memory. */
final class CopySpeed {
  /** Of each thread; several times what caches hold. */
  private static final int BYTES = 128 << 20;

  private static final int REPETITIONS = 7;

  private CopySpeed() {}

  /** Bytes copied per second by so many threads at once; each is read once and written once. */
  static double bytesPerSecond(int threads) {
    ByteBuffer[] from = buffers(threads);
    ByteBuffer[] to = buffers(threads);
    double[] rates = new double[REPETITIONS];
    // One more than is timed: the first touches every page.
    for (int i = -1; i < REPETITIONS; i++) {
      long start = System.nanoTime();
      Thread[] copies =
          IntStream.range(0, threads)
              .mapToObj(t -> new Thread(() -> to[t].put(0, from[t], 0, BYTES)))
              .toArray(Thread[]::new);
      for (Thread copy : copies) {
        copy.start();
      }
      for (Thread copy : copies) {
        join(copy);
      }
      if (i >= 0) {
        rates[i] = 1e9 * threads * BYTES / (System.nanoTime() - start);
      }
    }
    return Figures.median(rates);
  }

  private static ByteBuffer[] buffers(int threads) {
    return IntStream.range(0, threads)
        .mapToObj(t -> ByteBuffer.allocateDirect(BYTES))
        .toArray(ByteBuffer[]::new);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while memory was copied", e);
    }
  }
}
