package dev.kvpress.compare.scale.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How fast workers are, from the first piece of each on: what loading took does not count. */
final class WorkerPace {
  private static final double NANOS_PER_MINUTE = 60e9;
  private static final int MOST_SHOWN = 4;

  private final LongSupplier nanos;
  private final long[] first;
  private final long[] last;
  private final int[] pieces;

  /**
   * Nothing is done yet.
   *
   * @param nanos a clock
   */
  WorkerPace(int workers, LongSupplier nanos) {
    this.nanos = nanos;
    this.first = new long[workers];
    this.last = new long[workers];
    this.pieces = new int[workers];
  }

  /** A worker has done a piece. */
  void count(int worker) {
    last[worker] = nanos.getAsLong();
    if (pieces[worker]++ == 0) {
      first[worker] = last[worker];
    }
  }

  /** Pieces a minute; NaN as long as it is not known. */
  private double rate(int worker) {
    long time = last[worker] - first[worker];
    return time > 0 ? (pieces[worker] - 1) * NANOS_PER_MINUTE / time : Double.NaN;
  }

  private static String text(double rate) {
    return Double.isNaN(rate) ? "-" : String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%.0f", rate);
  }

  /** In a few words, for a status line. */
  String shortly() {
    double[] rates = IntStream.range(0, pieces.length).mapToDouble(this::rate).toArray();
    double[] known = Arrays.stream(rates).filter(rate -> !Double.isNaN(rate)).sorted().toArray();
    if (known.length == 0) {
      return workers();
    }
    String each =
        rates.length <= MOST_SHOWN
            ? Arrays.stream(rates).mapToObj(WorkerPace::text).collect(Collectors.joining("+"))
            : text(known[0]) + " to " + text(known[known.length - 1]) + " each";
    return "%s at %s a minute".formatted(workers(), each);
  }

  private String workers() {
    return pieces.length + (pieces.length == 1 ? " worker" : " workers");
  }

  /** What each has done, in a line. */
  String summary() {
    List<String> all = new ArrayList<>();
    for (int w = 0; w < pieces.length; w++) {
      all.add(
          "worker %d: %d %s, %s a minute"
              .formatted(w + 1, pieces[w], pieces[w] == 1 ? "piece" : "pieces", text(rate(w))));
    }
    return String.join("; ", all);
  }
}
