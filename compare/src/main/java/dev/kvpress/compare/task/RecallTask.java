package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Retrieval: a fact from a long context is asked for, and the greedy answer is right if it is the
 * expected one token by token, as many tokens as that has; what the model would say behind it does
 * not matter. The context is compressed without the question, or with it under {@code
 * --query-aware}; all tokens of the answer are predicted from the compressed cache.
 */
public final class RecallTask implements Task {
  /** The metric: share of right answers. */
  public static final String RECALL_ACCURACY = "recall_accuracy";

  @Override
  public String name() {
    return "recall";
  }

  @Override
  public String description() {
    return "exact match of the answer to a question on a context; context, question, answer";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(Metric.mean(RECALL_ACCURACY, "recall accuracy", "fraction", true));
  }

  @Override
  public boolean usesChatTemplate() {
    return true;
  }

  @Override
  public TaskData read(TaskInput input) {
    Tokenizer tokenizer = Sieve.tokenizer(input);
    PromptWriter prompts = Sieve.prompts(input, tokenizer);
    return Sieve.of(input, input.data().questions(), line -> needle(line, prompts, tokenizer));
  }

  private static Needle needle(Question question, PromptWriter prompts, Tokenizer tokenizer) {
    PromptTokens first = tokens(question, question.answers().get(0), prompts);
    List<ImmutableIntArray> answers = new ArrayList<>();
    for (String answer : question.answers()) {
      PromptTokens tokens = tokens(question, answer, prompts);
      if (answer.isBlank() || tokens.answer().isEmpty()) {
        throw new DataException(
            question.origin().place()
                + "answer: expected a text, found a blank one; leave the row out");
      }
      // Answers that would change the tokens of the question are other questions.
      if (tokens.question().equals(first.question())) {
        answers.add(tokens.answer());
      }
    }
    return new Needle(question, first, answers, tokenizer);
  }

  private static PromptTokens tokens(Question question, String answer, PromptWriter prompts) {
    // Facts and questions of this task are one text, unless a chat template parts them.
    return Sieve.placed(
        question.origin(), () -> prompts.question(question.asRunningText(), "", answer));
  }

  /**
   * One question.
   *
   * @param answers tokens of each right answer
   */
  private record Needle(
      Question line, PromptTokens tokens, List<ImmutableIntArray> answers, Tokenizer tokenizer)
      implements PromptProbe {
    @Override
    public int sample() {
      return line.origin().index();
    }

    @Override
    public int most() {
      return answers.stream().mapToInt(ImmutableIntArray::length).max().orElseThrow();
    }

    @Override
    public OptionalDouble depth() {
      return line.depth();
    }

    @Override
    public String content() {
      return tokens.question() + " " + answers;
    }

    @Override
    public List<String> expected() {
      return line.answers();
    }

    @Override
    public Answer ask(Turn turn) {
      try (Conversation cache = turn.decoding()) {
        cache.read(tokens.question());
        ImmutableIntArray given = cache.greedy(most(), id -> false);
        boolean right =
            answers.stream().anyMatch(own -> given.subArray(0, own.length()).equals(own));
        return Answer.of(
            given.length(),
            Map.of(RECALL_ACCURACY, Figure.of(right ? 1 : 0)),
            tokenizer.decode(given.toArray()).strip(),
            line.answers());
      }
    }
  }
}
