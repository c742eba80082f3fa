package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tokens per second against the number of rows that generate side by side: the headline of the H2O
 * paper (section 5.2), whose smaller caches leave room for larger batches. A method's compressed
 * context is taken into a batch by as many rows as the batch has, which then generate a fixed
 * number of tokens greedily, end tokens ignored.
 *
 * <p>With a budget for the cache the largest batch is found whose caches fit to the last token, and
 * measured too; without one, the given batch sizes are. A sample is measured several times after
 * runs that warm up, the methods in turn; figures are medians over the repetitions. {@code
 * throughput} is that of the fastest batch, {@code throughput_alone} that of a single row, {@code
 * throughput_largest} that of the largest; {@code best_batch} and {@code largest_batch} are rows,
 * {@code kv_bytes_per_row} what the cache of a single row takes in the end. The series {@code
 * batch_rows} and {@code tokens_per_second_of_batch} give the sizes that all samples share.
 */
public final class ThroughputTask implements Task {
  /** Tokens of all rows per second in the fastest batch. */
  public static final String THROUGHPUT = "throughput";

  /** Tokens per second of a single row. */
  public static final String THROUGHPUT_ALONE = "throughput_alone";

  /** Tokens of all rows per second in the largest batch. */
  public static final String THROUGHPUT_LARGEST = "throughput_largest";

  /** Rows of the fastest batch. */
  public static final String BEST_BATCH = "best_batch";

  /** Rows of the largest batch that was measured. */
  public static final String LARGEST_BATCH = "largest_batch";

  /** The cache of a single row in the end. */
  public static final String KV_BYTES_PER_ROW = "kv_bytes_per_row";

  /** Series: rows of each batch. */
  public static final String BATCH_ROWS = "batch_rows";

  /** Series: tokens of all rows per second. */
  public static final String TOKENS_PER_SECOND_OF_BATCH = "tokens_per_second_of_batch";

  private static final int MAX_NEW_TOKENS = 32;

  /** Enough where no number is given: a sample costs a run for each batch and repetition. */
  private static final int SAMPLES = 1;

  /** The first step behind a join makes room for what is to come. */
  private static final int SETTLING_STEPS = 1;

  private static final double NANOS_PER_SECOND = 1e9;

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public String description() {
    return "tokens per second against batch size behind a document's beginning; text or token_ids";
  }

  @Override
  public Set<Protocol> protocols() {
    return Set.of(Protocol.PREFILL);
  }

  @Override
  public boolean measuresSpeed() {
    return true;
  }

  @Override
  public boolean makesBatches() {
    return true;
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Repetitions.metric(THROUGHPUT, "tokens per second, best batch", "", true),
        Repetitions.metric(THROUGHPUT_ALONE, "tokens per second, one row", "", true),
        Repetitions.metric(THROUGHPUT_LARGEST, "tokens per second, largest batch", "", true),
        Metric.mean(BEST_BATCH, "rows of the best batch", "", true),
        Metric.mean(LARGEST_BATCH, "rows of the largest batch", "", true),
        Metric.mean(KV_BYTES_PER_ROW, "KV bytes per row at the end", "bytes", false));
  }

  @Override
  public TaskData read(TaskInput input) {
    int tokens =
        Math.max(SETTLING_STEPS + 2, input.options().maxNewTokens().orElse(MAX_NEW_TOKENS));
    TaskOptions options = input.options();
    return Repetitions.read(
        input,
        SAMPLES,
        sample -> new Generation(sample, tokens, options.latency(), options.throughput()));
  }

  private record Generation(
      Sample document, int tokens, TaskOptions.Latency repeats, TaskOptions.Throughput batches)
      implements Probe {
    @Override
    public int sample() {
      return document.index();
    }

    @Override
    public ImmutableIntArray context() {
      return document.ids().subArray(0, document.contextLength());
    }

    @Override
    public int furtherTokens() {
      return tokens;
    }

    @Override
    public String content() {
      return tokens + " tokens, " + repeats + ", " + batches;
    }

    /** Those that warm up come first. */
    @Override
    public int rounds() {
      return repeats.warmUp() + repeats.repetitions();
    }

    @Override
    public Answer ask(Turn turn) {
      Measured alone = measured(turn, 1);
      int largest = batches.largest(alone.bytes());
      List<Double> rows = new ArrayList<>();
      List<Double> rates = new ArrayList<>();
      for (int size : batches.upTo(largest)) {
        rows.add((double) size);
        rates.add(size == 1 ? alone.rate() : measured(turn, size).rate());
      }
      int end = rows.size() - 1;
      double last = rows.get(end) == largest ? rates.get(end) : measured(turn, largest).rate();
      return answer(rows, rates, new Ends(largest, last, alone.bytes()), Map.of());
    }

    private record Measured(double rate, long bytes) {}

    /** The largest batch, and the cache of a single row. */
    private record Ends(double rows, double rate, double bytesOfOne) {}

    private Measured measured(Turn turn, int rows) {
      try (Crowd crowd = turn.crowd(rows, tokens - 1)) {
        for (int i = 0; i < SETTLING_STEPS; i++) {
          crowd.step();
        }
        int steps = tokens - 1 - SETTLING_STEPS;
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
          crowd.step();
        }
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        return new Measured(rows * steps / seconds, crowd.physicalBytes());
      }
    }

    private Answer answer(
        List<Double> rows, List<Double> rates, Ends ends, Map<String, List<Double>> errors) {
      double best = ends.rate();
      double bestRows = ends.rows();
      for (int i = 0; i < rates.size(); i++) {
        bestRows = rates.get(i) > best ? rows.get(i) : bestRows;
        best = Math.max(best, rates.get(i));
      }
      Map<String, List<Double>> series = new HashMap<>(errors);
      series.put(BATCH_ROWS, rows);
      series.put(TOKENS_PER_SECOND_OF_BATCH, rates);
      return new Answer(
          tokens,
          Map.of(
              THROUGHPUT, Figure.of(best),
              THROUGHPUT_ALONE, Figure.of(rates.get(0)),
              THROUGHPUT_LARGEST, Figure.of(ends.rate()),
              BEST_BATCH, Figure.of(bestRows),
              LARGEST_BATCH, Figure.of(ends.rows()),
              KV_BYTES_PER_ROW, Figure.of(ends.bytesOfOne())),
          series,
          Optional.empty(),
          List.of());
    }

    /** Of each batch the median over the repetitions. */
    @Override
    public Answer join(List<Answer> answers) {
      Repetitions repetitions = Repetitions.of(answers, repeats);
      Answer first = repetitions.first();
      Ends ends =
          new Ends(
              Repetitions.figure(first, LARGEST_BATCH),
              repetitions.median(THROUGHPUT_LARGEST),
              Repetitions.figure(first, KV_BYTES_PER_ROW));
      return answer(
          Repetitions.series(first, BATCH_ROWS),
          repetitions.medians(TOKENS_PER_SECOND_OF_BATCH),
          ends,
          repetitions.spreads(List.of(THROUGHPUT, THROUGHPUT_ALONE, THROUGHPUT_LARGEST)));
    }
  }
}
