package dev.kvpress.recipe.cache;

import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.text.RecallTask.Example;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A question for one fact, as tokens.
 *
 * @param context with the beginning of the document
 * @param prompt the question, which ends with the beginning of its answer
 * @param answer the rest
 * @param values {@code [S]}, true for tokens of the value wherever the context states the fact
 */
public record RecallQuestion(int[] context, int[] prompt, int[] answer, boolean[] values) {

  /** Encodes an example; the value's places are only found for one fact with one value. */
  public static RecallQuestion of(Bpe bpe, Example example) {
    int[] text = bpe.encode(example.context());
    int[] context = new int[text.length + 1];
    context[0] = Bpe.BOS;
    System.arraycopy(text, 0, context, 1, text.length);
    String question = example.question();
    int[] cue = bpe.encode(question.substring(question.lastIndexOf('?') + 1));
    int[] answer = bpe.encode(" " + example.answer());
    int[] stated = IntStream.concat(Arrays.stream(cue), Arrays.stream(answer)).toArray();
    boolean[] values = new boolean[context.length];
    for (int i = 0; i + stated.length <= context.length; i++) {
      if (Arrays.equals(context, i, i + stated.length, stated, 0, stated.length)) {
        Arrays.fill(values, i + cue.length, i + stated.length, true);
      }
    }
    return new RecallQuestion(context, bpe.encode(" " + question), answer, values);
  }
}
