package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.metric.LogitAgreement;
import dev.kvpress.runtime.decode.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much a compressed cache changes what the model says: over the continuation of a document, the
 * Kullback–Leibler divergence of its next-token distribution from that of the full cache, the
 * change of the probability of the token that follows, and the share of tokens at which both hold
 * the same token for the most likely. It sees changes that a loss averages out.
 *
 * <p>The figures are those that llama.cpp's perplexity tool reports with {@code --kl-divergence},
 * over the tokens of all samples, with its standard errors. That tool keeps the base model's
 * logarithms in 16 bits and leaves out tokens below e^-16; here nothing is rounded or left out.
 *
 * <p>The full cache passes a continuation once for all methods, not once for each. At most 256
 * tokens of a continuation are compared, which bounds the memory that takes.
 */
public final class AgreementTask implements Task {
  /** Divergence in nats per token. */
  public static final String KL = "kl";

  /** Change of the probability of the right token. */
  public static final String P_DIFF = "p_diff";

  /** Root mean square of that change. */
  public static final String P_DIFF_RMS = "p_diff_rms";

  /** Share of tokens with the same most likely token. */
  public static final String TOP1_AGREEMENT = "top1_agreement";

  private static final int MOST_TOKENS = 256;

  @Override
  public String name() {
    return "agreement";
  }

  @Override
  public String description() {
    return "difference to the full cache's predictions on a document's continuation; text or token_ids";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Metric.mean(KL, "KL divergence from the full cache", "nats", false).withErrorOf(KL),
        Metric.mean(TOP1_AGREEMENT, "same most likely token", "fraction", true)
            .withErrorOf(TOP1_AGREEMENT),
        quantile("kl_median", "median KL divergence", 500),
        quantile("kl_p90", "90 % KL divergence", 900),
        quantile("kl_p99", "99 % KL divergence", 990),
        quantile("kl_p999", "99.9 % KL divergence", 999),
        quantile("kl_max", "largest KL divergence", 1000),
        Metric.mean(P_DIFF, "change of the right token's probability", "fraction", true)
            .withErrorOf(P_DIFF),
        new Metric(
                P_DIFF_RMS,
                P_DIFF_RMS,
                "RMS change of the right token's probability",
                "fraction",
                false,
                Metric.Scale.ROOT)
            .withErrorOf(P_DIFF));
  }

  private static Metric quantile(String name, String label, int thousandths) {
    return Metric.quantile(name, label, "nats", KL, thousandths);
  }

  @Override
  public TaskData read(TaskInput input) {
    EncodedDocuments documents = input.encoded(input.maxSamples());
    FullCache full = new FullCache();
    List<Probe> probes = new ArrayList<>();
    for (Sample sample : documents.samples()) {
      int end = Math.min(sample.ids().length(), sample.contextLength() + MOST_TOKENS);
      probes.add(
          new Continuation(
              sample.index(),
              sample.ids().subArray(0, sample.contextLength()),
              sample.ids().subArray(sample.contextLength(), end),
              sample
                  .ids()
                  .subArray(sample.contextLength() + 1, Math.min(end + 1, sample.ids().length())),
              full));
    }
    return new TaskData(probes, documents.notices());
  }

  /**
   * What the full cache says behind one continuation: the last one that was asked for. Methods ask
   * about the same continuation one after the other.
   */
  private static final class FullCache {
    private int sample = -1;
    private List<float[]> rows = List.of();

    List<float[]> rows(Continuation of, Turn turn) {
      if (sample != of.sample()) {
        List<float[]> passed = new ArrayList<>();
        sample = -1;
        try (Conversation cache = turn.full()) {
          of.pass(cache, turn.passTokens(), passed::add);
        }
        rows = passed;
        sample = of.sample();
      }
      return rows;
    }
  }

  /**
   * One document.
   *
   * @param ids tokens that are passed behind the context
   * @param right the token that follows each of them; one fewer where the document ends with them
   */
  private record Continuation(
      int sample,
      ImmutableIntArray context,
      ImmutableIntArray ids,
      ImmutableIntArray right,
      FullCache full)
      implements Probe {
    /** Hears the logits {@code [V]} behind each token of the continuation. */
    private interface Listener {
      void hear(float[] row);
    }

    @Override
    public int furtherTokens() {
      return ids.length();
    }

    @Override
    public String content() {
      return Joiner.on(' ').join(ids.asList()) + " then " + Joiner.on(' ').join(right.asList());
    }

    /** In passes, so that memory stays bounded. */
    void pass(Conversation cache, int passTokens, Listener listener) {
      int[] all = ids.toArray();
      for (int from = 0; from < all.length; from += passTokens) {
        Logits logits =
            cache.forward(Arrays.copyOfRange(all, from, Math.min(all.length, from + passTokens)));
        for (int row = 0; row < logits.rows(); row++) {
          float[] values = new float[logits.vocabulary()];
          for (int v = 0; v < values.length; v++) {
            values[v] = logits.get(row, v);
          }
          listener.hear(values);
        }
      }
    }

    @Override
    public Answer ask(Turn turn) {
      List<float[]> expected = full.rows(this, turn);
      Values values = new Values(right);
      try (Conversation cache = turn.compressed()) {
        pass(cache, turn.passTokens(), row -> values.add(expected.get(values.tokens()), row));
      }
      return values.answer();
    }
  }

  /** What is said of each token. */
  private static final class Values {
    private final ImmutableIntArray right;
    private final List<Double> divergences = new ArrayList<>();
    private final List<Double> changes = new ArrayList<>();
    private final List<Double> same = new ArrayList<>();

    Values(ImmutableIntArray right) {
      this.right = right;
    }

    int tokens() {
      return divergences.size();
    }

    void add(float[] full, float[] compressed) {
      if (tokens() < right.length()) {
        changes.add(LogitAgreement.probabilityChange(full, compressed, right.get(tokens())));
      }
      same.add(LogitAgreement.sameTop(full, compressed) ? 1.0 : 0.0);
      divergences.add(LogitAgreement.klDivergence(full, compressed));
    }

    Answer answer() {
      return new Answer(
          tokens(),
          Map.of(
              KL, sum(divergences),
              TOP1_AGREEMENT, sum(same),
              P_DIFF, sum(changes),
              P_DIFF_RMS, sum(Lists.transform(changes, change -> change * change))),
          Map.of(KL, divergences, TOP1_AGREEMENT, same, P_DIFF, changes),
          Optional.empty(),
          List.of());
    }

    private static Figure sum(List<Double> values) {
      return new Figure(values.stream().mapToDouble(Double::doubleValue).sum(), values.size());
    }
  }
}
