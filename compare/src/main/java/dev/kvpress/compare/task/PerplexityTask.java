package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.decode.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Language modelling: how well the model predicts the continuation of a document whose beginning
 * was compressed, teacher-forced. In the prefill protocol the first token of the continuation is
 * predicted by the prefill's own last logits, so it is part of {@code nll} and not of {@code
 * nll_compressed}. In streaming {@code nll} is over every token but the first, {@code
 * nll_compressed} over those behind the context. Perplexity and the difference to the full cache
 * that stands beside it are both of {@code nll_compressed}. Two series of streaming tell how loss
 * and cache go along the text, {@code nll_by_128_tokens} and {@code kv_bytes_by_128_tokens}.
 */
public final class PerplexityTask implements Task {
  /** Figure of all predicted tokens, in nats. */
  public static final String NLL = "nll";

  /**
   * Figure of the tokens behind the context that the compressed cache predicted, in nats;
   * perplexity and ΔNLL are made of it.
   */
  public static final String NLL_COMPRESSED = "nll_compressed";

  /** {@code exp} of {@link #NLL_COMPRESSED}. */
  public static final String PERPLEXITY = "perplexity";

  @Override
  public String name() {
    return PERPLEXITY;
  }

  @Override
  public String description() {
    return "likelihood of a document's continuation; text or token_ids";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        new Metric(PERPLEXITY, NLL_COMPRESSED, "perplexity", "", false, Metric.Scale.EXP),
        Metric.mean(NLL, "negative log-likelihood of all predicted tokens", "nats", false),
        Metric.mean(NLL_COMPRESSED, "logarithm of perplexity", "nats", false));
  }

  @Override
  public TaskData read(TaskInput input) {
    EncodedDocuments documents = input.encoded(input.maxSamples());
    List<Remark> notices = new ArrayList<>(documents.notices());
    // The prefill itself predicts the first continuation token; at least one more is needed.
    List<Probe> probes =
        documents.samples().stream()
            .filter(sample -> sample.continuationLength() >= 2)
            .map(Continuation::new)
            .<Probe>map(probe -> probe)
            .toList();
    int passedOver = documents.samples().size() - probes.size();
    if (probes.isEmpty()) {
      throw new DataException(
          input.file()
              + ": expected at least 2 continuation tokens behind the context, found 1 in every document; lower --context-tokens or give longer documents");
    }
    if (passedOver > 0) {
      notices.add(
          Remark.onFigures(
              "%s: %d %s only one continuation token and passed over"
                  .formatted(
                      input.file(),
                      passedOver,
                      passedOver == 1 ? "document has" : "documents have")));
    }
    return new TaskData(probes, notices);
  }

  /** Scores the tokens behind the context. */
  static final class Continuation implements Probe {
    private final Sample sample;

    Continuation(Sample sample) {
      this.sample = sample;
    }

    @Override
    public int sample() {
      return sample.index();
    }

    @Override
    public ImmutableIntArray context() {
      return sample.ids().subArray(0, sample.contextLength());
    }

    @Override
    public int furtherTokens() {
      return sample.continuationLength() - 1;
    }

    @Override
    public String content() {
      return Joiner.on(' ')
          .join(sample.ids().subArray(sample.contextLength(), sample.ids().length()).asList());
    }

    @Override
    public Answer ask(Turn turn) {
      int[] ids = sample.ids().toArray();
      int context = sample.contextLength();
      Sums sums = new Sums(ids, context);
      boolean streams = turn.protocol() == Protocol.STREAMING;
      try (Conversation cache = turn.compressed(sums::add)) {
        if (turn.protocol() == Protocol.PREFILL) {
          Logits last = cache.last();
          sums.all += last.negativeLogLikelihood(last.rows() - 1, ids[context]);
          sums.tokens++;
        }
        // In passes, so that memory stays bounded for long continuations.
        for (int from = context; from < ids.length - 1; from += turn.passTokens()) {
          int to = Math.min(ids.length - 1, from + turn.passTokens());
          Logits logits = cache.forward(Arrays.copyOfRange(ids, from, to));
          sums.add(from, logits, cache.physicalBytes());
        }
      }
      return new Answer(
          sums.tokens,
          Map.of(
              NLL,
              new Figure(sums.all, sums.tokens),
              NLL_COMPRESSED,
              new Figure(sums.compressed, sums.compressedTokens)),
          streams ? sums.curve.series() : Map.of(),
          Optional.empty(),
          List.of());
    }
  }

  private static final class Sums {
    private final int[] ids;
    private final int context;
    private final PositionCurve curve = new PositionCurve();
    private double all;
    private double compressed;
    private int tokens;
    private int compressedTokens;

    Sums(int[] ids, int context) {
      this.ids = ids;
      this.context = context;
    }

    /** Adds what the tokens of one pass predicted. */
    void add(int from, Logits logits, long cacheBytes) {
      for (int r = 0; r < logits.rows(); r++) {
        int predicted = from + r + 1;
        double nll = logits.negativeLogLikelihood(r, ids[predicted]);
        all += nll;
        tokens++;
        curve.add(predicted, nll);
        if (predicted >= context) {
          compressed += nll;
          compressedTokens++;
        }
      }
      curve.passed(from + logits.rows() - 1, cacheBytes);
    }
  }
}
