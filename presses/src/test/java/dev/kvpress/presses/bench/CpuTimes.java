package dev.kvpress.presses.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Time of one core that presses take over the layer of {@link ScorerBenchmark}: for machines whose
 * cores are busy with something else, where the time of day says little. {@code times.py --cpu} is
 * the other side.
 */
public final class CpuTimes {
  private CpuTimes() {}

  /**
   * Prints the least and the median in milliseconds for each press.
   *
   * @param specs presses; the property {@code shape} names another layer, {@code seconds} how long
   *     each press warms up and then is measured, at least once
   */
  public static void main(String... specs) {
    double seconds = Double.parseDouble(System.getProperty("seconds", "3"));
    for (String spec : specs) {
      ScorerBenchmark layer = new ScorerBenchmark();
      layer.shape = System.getProperty("shape", "4096x8x4x64");
      layer.threads = 1;
      layer.fill();
      ScorerBenchmark.Named press = new ScorerBenchmark.Named();
      press.spec = spec;
      press.make();
      millis(layer, press, seconds);
      double[] millis = millis(layer, press, seconds);
      layer.close();
      Arrays.sort(millis);
      System.out.printf(Locale.ROOT, "%s %.2f %.2f%n", spec, millis[0], millis[millis.length / 2]);
    }
  }

  private static double[] millis(
      ScorerBenchmark layer, ScorerBenchmark.Named press, double seconds) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long end = System.nanoTime() + (long) (1e9 * seconds);
    DoubleStream.Builder millis = DoubleStream.builder();
    do {
      long start = threads.getCurrentThreadCpuTime();
      layer.compress(press);
      millis.add((threads.getCurrentThreadCpuTime() - start) / 1e6);
    } while (System.nanoTime() < end);
    return millis.build().toArray();
  }
}
