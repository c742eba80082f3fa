package dev.kvpress.compare.task;

import static java.util.Objects.requireNonNull;

import com.google.common.math.Quantiles;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.metric.Distribution;
import java.io.IOException;
import java.util.ArrayList;
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

  /** Behind the name of a figure: the series of what each repetition gave. */
  private static final String OF_EACH_REPETITION = "_of_each_repetition";

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
        Metric.mean(TPOT_MS, "time per output token", "ms", false)
            .withErrorOf(TPOT_MS + OF_EACH_REPETITION),
        Metric.mean(TPOT_P90_MS, "time per output token, 90th percentile", "ms", false)
            .withErrorOf(TPOT_P90_MS + OF_EACH_REPETITION),
        Metric.mean(TTFT_MS, "time to first token", "ms", false)
            .withErrorOf(TTFT_MS + OF_EACH_REPETITION),
        Metric.mean(TOKENS_PER_SECOND, "tokens per second", "", true)
            .withErrorOf(TOKENS_PER_SECOND + OF_EACH_REPETITION),
        Metric.mean(KV_BYTES_END, "KV bytes at the end", "bytes", false));
  }

  @Override
  public TaskData read(TaskInput input) {
    int samples = input.maxSamples() == Integer.MAX_VALUE ? SAMPLES : input.maxSamples();
    EncodedDocuments documents = input.encoded(samples);
    int tokens = Math.max(2, input.options().maxNewTokens().orElse(MAX_NEW_TOKENS));
    Sieve sieve = new Sieve(input);
    for (Sample sample : documents.samples()) {
      sieve.add(new Generation(sample, tokens, input.options().latency()));
    }
    documents.notices().forEach(sieve::notice);
    return sieve.data();
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
      List<Answer> measured = answers.subList(repeats.warmUp(), answers.size());
      Answer last = measured.get(measured.size() - 1);
      Map<String, Figure> figures = new HashMap<>();
      Map<String, List<Double>> series = new HashMap<>(last.series());
      for (String name : last.figures().keySet()) {
        List<Double> values =
            measured.stream()
                .map(answer -> requireNonNull(answer.figures().get(name)).sum())
                .toList();
        figures.put(name, Figure.of(Quantiles.median().compute(values)));
        series.put(name + OF_EACH_REPETITION, values);
      }
      series.put(TOKEN_MS, medians(measured));
      return new Answer(tokens, figures, series, Optional.empty(), List.of());
    }

    /** Of each token the median over the repetitions. */
    private static List<Double> medians(List<Answer> measured) {
      List<List<Double>> times =
          measured.stream().map(answer -> requireNonNull(answer.series().get(TOKEN_MS))).toList();
      List<Double> medians = new ArrayList<>();
      for (int step = 0; step < times.get(0).size(); step++) {
        int place = step;
        medians.add(Quantiles.median().compute(times.stream().map(t -> t.get(place)).toList()));
      }
      return medians;
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
