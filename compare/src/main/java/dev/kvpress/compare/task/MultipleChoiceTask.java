package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.metric.ChoiceScores;
import dev.kvpress.compare.shape.catalog.FewShot;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Multiple choice: each choice is passed behind the compressed context and the question, and the
 * most likely one is the answer; {@code acc} and {@code acc_norm} as {@link ChoiceScores} says.
 * {@code choice_nll} is the mean loss of the right choice's tokens.
 *
 * <p>Where a line has no question apart from its context, all of the prompt but its last token is
 * compressed; where contexts vary, what they begin with. An empty context has nothing to compress
 * but the token that begins texts. A prompt of which the file does not tell where the continuation
 * begins is compressed for three quarters, and has a loss only.
 */
public final class MultipleChoiceTask implements Task {
  /** Share of questions whose right choice has the largest log-likelihood. */
  public static final String ACC = "acc";

  /** The same per character of the choice. */
  public static final String ACC_NORM = "acc_norm";

  /** The same per byte of the choice. */
  public static final String ACC_BYTES = "acc_bytes";

  /** Loss of the right choice. */
  public static final String CHOICE_NLL = "choice_nll";

  @Override
  public String name() {
    return "multiple_choice";
  }

  @Override
  public String description() {
    return "most likely of several continuations; context, question, choices and answer, or requests of lm-evaluation-harness";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Metric.mean(ACC, "accuracy", "fraction", true),
        Metric.mean(ACC_NORM, "accuracy by likelihood per character", "fraction", true),
        Metric.mean(ACC_BYTES, "accuracy by likelihood per byte", "fraction", true),
        Metric.mean(CHOICE_NLL, "loss of the right choice", "nats", false));
  }

  @Override
  public TaskData read(TaskInput input) {
    Tokenizer tokenizer = Sieve.tokenizer(input);
    TaskOptions.Shots shots = input.options().shots();
    String prefix = shots.training().map(file -> FewShot.ofChoices(file, shots.count())).orElse("");
    return Sieve.of(
        input, input.data().choices(), question -> probe(question, prefix, input, tokenizer));
  }

  private static Asked probe(
      ChoiceQuestion question, String prefix, TaskInput input, Tokenizer tokenizer) {
    try {
      ChoiceTokens tokens =
          question.unmarked()
              ? ChoiceTokens.unmarked(tokenizer, prefix + question.with(0))
              : ChoiceTokens.of(tokenizer, prefix, question, input.options().queryAware());
      return new Asked(question, tokens);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          question.origin().place() + e.getMessage() + "; give a longer text", e);
    }
  }

  private record Asked(ChoiceQuestion question, ChoiceTokens tokens) implements Probe {
    @Override
    public int sample() {
      return question.origin().index();
    }

    @Override
    public ImmutableIntArray context() {
      return tokens.context();
    }

    @Override
    public ImmutableIntArray asked() {
      return tokens.shared();
    }

    @Override
    public int furtherTokens() {
      return tokens.furtherTokens();
    }

    @Override
    public String content() {
      return Joiner.on('\n')
          .join(tokens.shared(), tokens.tails(), question.texts(), question.answer());
    }

    @Override
    public List<String> expected() {
      return question.answer().stream().mapToObj(question.texts()::get).toList();
    }

    @Override
    public Answer ask(Turn turn) {
      List<ChoiceTokens.Tail> tails = tokens.tails();
      double[] sums = new double[tails.size()];
      int count = 0;
      try (Conversation cache = turn.compressed()) {
        if (!tokens.shared().isEmpty()) {
          cache.read(tokens.shared());
        }
        for (int c = 0; c < sums.length; c++) {
          try (Conversation fork = cache.fork()) {
            sums[c] = logLikelihood(fork, tails.get(c), turn.passTokens());
          }
          count += tails.get(c).scored();
        }
      }
      int right = question.answer().orElse(0);
      ImmutableMap.Builder<String, Figure> figures = ImmutableMap.builder();
      figures.put(CHOICE_NLL, new Figure(-sums[right], tails.get(right).scored()));
      // Among one choice nothing is chosen.
      if (question.answer().isEmpty() || sums.length == 1) {
        return Answer.of(count, figures.build());
      }
      ChoiceScores scores = ChoiceScores.of(question.texts(), sums);
      figures.put(ACC, Figure.of(scores.mostLikely() == right ? 1 : 0));
      figures.put(ACC_NORM, Figure.of(scores.mostLikelyPerCharacter() == right ? 1 : 0));
      figures.put(ACC_BYTES, Figure.of(scores.mostLikelyPerByte() == right ? 1 : 0));
      return Answer.of(
          count,
          figures.build(),
          question.texts().get(scores.mostLikely()),
          List.of(question.texts().get(right)));
    }

    /** Of a choice behind what has passed; its last token need not pass itself. */
    private static double logLikelihood(
        Conversation cache, ChoiceTokens.Tail tail, int passTokens) {
      int[] ids = tail.ids().toArray();
      double sum = 0;
      if (tail.given() == 0) {
        sum -= cache.last().negativeLogLikelihood(cache.last().rows() - 1, ids[0]);
      }
      for (int from = 0; from < ids.length - 1; from += passTokens) {
        int to = Math.min(ids.length - 1, from + passTokens);
        Logits logits = cache.forward(Arrays.copyOfRange(ids, from, to));
        for (int i = from; i < to; i++) {
          if (i + 1 >= tail.given()) {
            sum -= logits.negativeLogLikelihood(i - from, ids[i + 1]);
          }
        }
      }
      return sum;
    }
  }
}
