package dev.kvpress.compare.bench.serve;

import com.google.common.math.Quantiles;
import dev.kvpress.compare.bench.serve.StreamOutcome.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Counts outcomes of many threads. */
final class LoadTally {
  private static final int KEPT_EXAMPLES = 5;
  private static final double NANOS_PER_MILLI = 1e6;

  private final Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
  private final Map<String, Integer> failures = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<Long> firsts = new ArrayList<>();
  private final List<long[]> gaps = new ArrayList<>();
  private int wrongAnswers;
  private long pieces;

  /**
   * Counts one.
   *
   * @param expected the text that the same request had alone
   */
  synchronized void add(StreamOutcome outcome, String expected) {
    kinds.merge(outcome.kind(), 1, Integer::sum);
    if (outcome.kind() == Kind.FAILED) {
      failures.merge(outcome.detail(), 1, Integer::sum);
    }
    if (!agrees(outcome, expected)) {
      wrongAnswers++;
      if (wrong.size() < KEPT_EXAMPLES) {
        wrong.add("expected «%s», found «%s»".formatted(expected, outcome.text()));
      }
    }
    outcome.firstNanos().ifPresent(firsts::add);
    gaps.add(outcome.gapNanos());
    pieces += outcome.gapNanos().length + (outcome.firstNanos().isPresent() ? 1 : 0);
  }

  /** Whether what came is the whole expected text, or its beginning where the rest never came. */
  private static boolean agrees(StreamOutcome outcome, String expected) {
    return outcome.kind() == Kind.DONE
        ? outcome.text().equals(expected)
        : expected.startsWith(outcome.text());
  }

  synchronized int count(Kind kind) {
    return kinds.getOrDefault(kind, 0);
  }

  /** Requests that failed, by what was said. */
  synchronized Map<String, Integer> failures() {
    return Collections.unmodifiableMap(new TreeMap<>(failures));
  }

  /** Answers whose text was not the one that the request had alone. */
  synchronized int wrongAnswers() {
    return wrongAnswers;
  }

  /** The first few of them. */
  synchronized List<String> examples() {
    return List.copyOf(wrong);
  }

  /** Pieces of text that came. */
  synchronized long pieces() {
    return pieces;
  }

  /** A percentile of the time to the first piece, ms; NaN where none came. */
  synchronized double firstMillis(int percentile) {
    return percentile(firsts.stream().mapToLong(Long::longValue).toArray(), percentile);
  }

  /** A percentile of the time between pieces, ms; NaN where none came. */
  synchronized double gapMillis(int percentile) {
    return percentile(gaps.stream().flatMapToLong(LongStream::of).toArray(), percentile);
  }

  private static double percentile(long[] nanos, int percentile) {
    return nanos.length == 0
        ? Double.NaN
        : Quantiles.percentiles().index(percentile).compute(nanos) / NANOS_PER_MILLI;
  }
}
