package dev.kvpress.compare.task;

import com.google.common.primitives.Doubles;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.metric.Distribution;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Speed and memory of generating: a method's own prefill with the signals that it alone needs, its
 * compression, then a fixed number of tokens on the fastest graph, end tokens ignored. Only here is
 * the time of a prefill the method's own; elsewhere it is shared.
 *
 * <p>A sample is measured several times after runs that warm up, the methods in turn; each figure
 * is the median over the repetitions, and the series {@code FIGURE_of_each_repetition} tells what
 * each of them gave, from which comes the figure's standard error. {@code ttft_ms} is prefill and
 * compression, after which the first token is known; {@code tpot_ms} and {@code tpot_p90_ms} are
 * the median and the 90th percentile of the later tokens, evictions included; {@code
 * tokens_per_second} is later tokens over their time; {@code kv_bytes_end} is what the kept keys
 * and values take in the end. The series give each later token: {@code token_ms} and {@code
 * kv_bytes}, and {@code resident_bytes} of the whole process where the system tells it.
 */
public final class LatencyTask implements Task {
  /** Time to the first token. */
  public static final String TTFT_MS = "ttft_ms";

  /** Median time of a later token. */
  public static final String TPOT_MS = "tpot_ms";

  /** 90th percentile of the time of a later token. */
  public static final String TPOT_P90_MS = "tpot_p90_ms";

  /** Later tokens by their time. */
  public static final String TOKENS_PER_SECOND = "tokens_per_second";

  /** Keys and values kept in the end. */
  public static final String KV_BYTES_END = "kv_bytes_end";

  /** Series of times. */
  public static final String TOKEN_MS = "token_ms";

  /** Series of sizes of the cache. */
  public static final String KV_BYTES = "kv_bytes";

  /** Series of sizes of the process. */
  public static final String RESIDENT_BYTES = "resident_bytes";

  private static final int MAX_NEW_TOKENS = 64;

  /** Enough where no number is given: a sample costs a prefill for each method and repetition. */
  private static final int SAMPLES = 2;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String description() {
    return "time and memory of generating behind a document's beginning; text or token_ids";
  }

  @Override
  public boolean measuresSpeed() {
    return true;
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Repetitions.metric(TPOT_MS, "time per output token", "ms", false),
        Repetitions.metric(TPOT_P90_MS, "time per output token, 90th percentile", "ms", false),
        Repetitions.metric(TTFT_MS, "time to first token", "ms", false),
        Repetitions.metric(TOKENS_PER_SECOND, "tokens per second", "", true),
        Metric.mean(KV_BYTES_END, "KV bytes at the end", "bytes", false));
  }

  @Override
  public TaskData read(TaskInput input) {
    int tokens = Math.max(2, input.options().maxNewTokens().orElse(MAX_NEW_TOKENS));
    return Repetitions.read(
        input, SAMPLES, sample -> new Generation(sample, tokens, input.options().latency()));
  }

  private record Generation(Sample document, int tokens, TaskOptions.Latency repeats)
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
      return tokens - 1;
    }

    @Override
    public String content() {
      return tokens + " tokens, " + repeats;
    }

    /** Those that warm up come first. */
    @Override
    public int rounds() {
      return repeats.warmUp() + repeats.repetitions();
    }

    @Override
    public Answer ask(Turn turn) {
      Run run = Run.of(turn, tokens);
      Distribution times = Distribution.of(run.stepMillis);
      Map<String, List<Double>> series = new HashMap<>();
      series.put(TOKEN_MS, Doubles.asList(run.stepMillis));
      series.put(KV_BYTES, Doubles.asList(run.kvBytes));
      if (run.residentBytes.length > 0) {
        series.put(RESIDENT_BYTES, Doubles.asList(run.residentBytes));
      }
      return new Answer(
          tokens,
          Map.of(
              TTFT_MS, Figure.of(run.firstMillis),
              TPOT_MS, Figure.of(times.median()),
              TPOT_P90_MS, Figure.of(times.p90()),
              TOKENS_PER_SECOND, Figure.of(MILLIS_PER_SECOND / times.mean()),
              KV_BYTES_END, Figure.of(run.kvBytes[tokens - 2])),
          series,
          Optional.empty(),
          List.of());
    }

    @Override
    public Answer join(List<Answer> answers) {
      Repetitions repetitions = Repetitions.of(answers, repeats);
      Answer last = repetitions.last();
      Map<String, Figure> figures = new HashMap<>();
      last.figures().keySet().forEach(n -> figures.put(n, Figure.of(repetitions.median(n))));
      Map<String, List<Double>> series = new HashMap<>(last.series());
      series.putAll(repetitions.spreads(figures.keySet()));
      series.put(TOKEN_MS, repetitions.medians(TOKEN_MS));
      return new Answer(tokens, figures, series, Optional.empty(), List.of());
    }
  }

  /** One generation, measured token by token. */
  private static final class Run {
    private final double firstMillis;
    private final double[] stepMillis;
    private final double[] kvBytes;
    private final double[] residentBytes;

    private Run(Conversation cache, int tokens) {
      firstMillis = cache.contextNanos() / NANOS_PER_MILLI;
      stepMillis = new double[tokens - 1];
      kvBytes = new double[tokens - 1];
      double[] resident = new double[tokens - 1];
      boolean known = true;
      for (int step = 0; step < tokens - 1; step++) {
        long start = System.nanoTime();
        cache.forward(cache.last().argmax(cache.last().rows() - 1));
        stepMillis[step] = (System.nanoTime() - start) / NANOS_PER_MILLI;
        kvBytes[step] = cache.logicalBytes();
        if (known) {
          try {
            resident[step] = ProcessMemory.residentBytes();
          } catch (IOException e) {
            // Not told by this system; the other figures stand without it.
            known = false;
          }
        }
      }
      residentBytes = known ? resident : new double[0];
    }

    static Run of(Turn turn, int tokens) {
      try (Conversation cache = turn.fresh()) {
        return new Run(cache, tokens);
      }
    }
  }
}
