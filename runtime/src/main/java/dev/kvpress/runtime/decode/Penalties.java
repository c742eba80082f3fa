package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/**
 * What is done to the logits before a token is chosen by them: first the bias is added, then the
 * tokens of the text so far are made less likely.
 *
 * @param bias added to the logits of tokens by id
 * @param repetition above 0; logits of all tokens of the text, its prompt included, are divided by
 *     it where positive, else multiplied, once each (CTRL, arXiv 1909.05858); 1 for none
 * @param presence taken off the logits of tokens that were chosen, once each; 0 for none
 * @param frequency taken off the logit of a token for each time that it was chosen; 0 for none
 */
public record Penalties(
    Map<Integer, Double> bias, double repetition, double presence, double frequency) {
  /** Takes a copy and checks the ranges. */
  public Penalties {
    bias = ImmutableMap.copyOf(bias);
    bias.forEach(
        (id, value) -> {
          checkArgument(id >= 0, "logit_bias: expected token ids from 0 on, found %s", id);
          checkArgument(
              Double.isFinite(value),
              "logit_bias of token %s must be finite, found %s; to rule a token out, take 1000 off",
              id,
              value);
        });
    checkArgument(
        repetition > 0 && Double.isFinite(repetition),
        "repetition_penalty must be above 0 and finite, found %s",
        repetition);
    checkArgument(Double.isFinite(presence), "presence_penalty must be finite, found %s", presence);
    checkArgument(
        Double.isFinite(frequency), "frequency_penalty must be finite, found %s", frequency);
  }

  /** Whether nothing is done. */
  public boolean isNone() {
    return bias.isEmpty() && repetition == 1 && presence == 0 && frequency == 0;
  }

  /**
   * Chooses by the changed logits.
   *
   * @return a choice that refuses, with an IllegalArgumentException, a model that lacks a token of
   *     the bias
   */
  public TokenChoice before(TokenChoice choice) {
    return isNone()
        ? choice
        : (logits, row, text) -> choice.choose(changed(logits, row, text), 0, text);
  }

  /** The changed logits, {@code [1, V]}. */
  private Logits changed(Logits logits, int row, TokenHistory text) {
    float[] values = logits.row(row);
    bias.forEach(
        (id, value) -> {
          checkArgument(
              id < values.length,
              "logit_bias names token %s, but the model has only %s",
              id,
              values.length);
          values[id] += value.floatValue();
        });
    if (repetition != 1) {
      repel(values, text);
    }
    if (presence != 0 || frequency != 0) {
      count(values, text);
    }
    return new Logits(values, values.length);
  }

  private void repel(float[] values, TokenHistory text) {
    float penalty = (float) repetition;
    BitSet seen = new BitSet(values.length);
    for (int i = 0; i < text.size(); i++) {
      int id = text.id(i);
      if (!seen.get(id)) {
        seen.set(id);
        values[id] = values[id] < 0 ? values[id] * penalty : values[id] / penalty;
      }
    }
  }

  private void count(float[] values, TokenHistory text) {
    int[] ids = text.chosenIds();
    Arrays.sort(ids);
    for (int from = 0, to; from < ids.length; from = to) {
      to = from + 1;
      while (to < ids.length && ids[to] == ids[from]) {
        to++;
      }
      values[ids[from]] -= (float) (presence + frequency * (to - from));
    }
  }
}
