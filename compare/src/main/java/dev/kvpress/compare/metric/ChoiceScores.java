package dev.kvpress.compare.metric;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Which of several choices a model holds for the most likely, as lm-evaluation-harness decides it:
 * {@code acc} by the sum of log-likelihoods over the tokens of a choice, {@code acc_norm} by that
 * sum divided by the number of characters of the choice (Unicode code points, without the blank
 * that joins it to the question), which no longer favours short choices and does not depend on the
 * tokenizer.
 *
 * <p>Of equal figures the first choice counts, as in NumPy's argmax. A choice without a character
 * counts as one character long, where a division by zero would decide.
 *
 * @param choices texts of the choices, at least one
 * @param logLikelihoods sums over the tokens of each choice in nats, one for each
 */
public record ChoiceScores(List<String> choices, ImmutableDoubleArray logLikelihoods) {
  /** Takes a copy. */
  public ChoiceScores {
    choices = ImmutableList.copyOf(choices);
    if (choices.isEmpty() || choices.size() != logLikelihoods.length()) {
      throw new IllegalArgumentException(
          "expected one log-likelihood for each of at least one choice, found "
              + logLikelihoods.length()
              + " for "
              + choices.size()
              + " choices");
    }
    for (int i = 0; i < logLikelihoods.length(); i++) {
      if (Double.isNaN(logLikelihoods.get(i))) {
        throw new IllegalArgumentException(
            "log-likelihood of choice " + i + " is NaN; the model's output is broken");
      }
    }
  }

  /** Scores of choices. */
  public static ChoiceScores of(List<String> choices, double... logLikelihoods) {
    return new ChoiceScores(choices, ImmutableDoubleArray.copyOf(logLikelihoods));
  }

  /** The choice with the largest log-likelihood. */
  public int mostLikely() {
    return best(logLikelihoods::get);
  }

  /** The choice with the largest log-likelihood per character. */
  public int mostLikelyPerCharacter() {
    return best(this::perCharacter);
  }

  /** The choice with the largest log-likelihood per byte of UTF-8. */
  public int mostLikelyPerByte() {
    return best(this::perByte);
  }

  /** Log-likelihood of one choice per byte of its UTF-8 form, in nats. */
  public double perByte(int choice) {
    int bytes = choices.get(choice).getBytes(StandardCharsets.UTF_8).length;
    return logLikelihoods.get(choice) / Math.max(1, bytes);
  }

  /** Log-likelihood of one choice per character, in nats. */
  public double perCharacter(int choice) {
    String text = choices.get(choice);
    return logLikelihoods.get(choice) / Math.max(1, text.codePointCount(0, text.length()));
  }

  private int best(IntToDoubleFunction figure) {
    int best = 0;
    for (int i = 1; i < choices.size(); i++) {
      if (figure.applyAsDouble(i) > figure.applyAsDouble(best)) {
        best = i;
      }
    }
    return best;
  }
}
