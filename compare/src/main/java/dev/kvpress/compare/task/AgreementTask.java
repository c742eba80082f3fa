package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.metric.LogitAgreement;
import dev.kvpress.runtime.decode.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How much a compressed cache changes what the model says: over the continuation of a document, the
 * Kullback–Leibler divergence of its next-token distribution from that of the full cache, and the
 * share of tokens at which both hold the same token for the most likely. It needs no right answer,
 * so it sees changes that a loss averages out.
 *
 * <p>The full cache passes a continuation once for all methods, not once for each. At most 256
 * tokens of a continuation are compared, which bounds the memory that takes.
 */
public final class AgreementTask implements Task {
  /** Divergence in nats per token. */
  public static final String KL = "kl";

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
        Metric.mean(KL, "KL divergence from the full cache", "nats", false),
        Metric.mean(TOP1_AGREEMENT, "same most likely token", "fraction", true));
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

  private record Continuation(
      int sample, ImmutableIntArray context, ImmutableIntArray ids, FullCache full)
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
      return Joiner.on(' ').join(ids.asList());
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
      Sums sums = new Sums();
      try (Conversation cache = turn.compressed()) {
        pass(cache, turn.passTokens(), row -> sums.add(expected.get(sums.tokens), row));
      }
      return Answer.of(
          sums.tokens,
          Map.of(
              KL,
              new Figure(sums.divergence, sums.tokens),
              TOP1_AGREEMENT,
              new Figure(sums.same, sums.tokens)));
    }
  }

  private static final class Sums {
    private double divergence;
    private int same;
    private int tokens;

    void add(float[] full, float[] compressed) {
      divergence += LogitAgreement.klDivergence(full, compressed);
      same += LogitAgreement.sameTop(full, compressed) ? 1 : 0;
      tokens++;
    }
  }
}
