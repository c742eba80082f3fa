package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A question about a context, whose answer is generated.
 *
 * @param origin where it comes from
 * @param context what is prefilled and compressed; not blank
 * @param question what is asked behind it; may be empty
 * @param answers what is expected, at least one
 * @param answerPrefix how the answer begins, given to the model behind the question; may be empty
 * @param maxNewTokens longest answer, if the line says so; at least 1
 * @param task kind of question, for figures by kind
 * @param depth where in the context the answer stands, in percent from 0 to 100, if known
 * @param classes all classes that an answer of a classification may be; mostly empty
 * @param runningText whether the answer follows the question in the same text, as its data has it,
 *     and not behind a line end
 * @param solution what an example of such a question shows, where that is more than the answer: the
 *     way to it
 */
public record Question(
    Origin origin,
    String context,
    String question,
    List<String> answers,
    String answerPrefix,
    OptionalInt maxNewTokens,
    Optional<String> task,
    OptionalDouble depth,
    List<String> classes,
    boolean runningText,
    Optional<String> solution)
    implements Located {
  /** Takes copies and checks the ranges. */
  public Question {
    Objects.requireNonNull(origin, "origin is null");
    Objects.requireNonNull(question, "question is null");
    Objects.requireNonNull(answerPrefix, "answerPrefix is null");
    answers = ImmutableList.copyOf(answers);
    classes = ImmutableList.copyOf(classes);
    if (context.isBlank() || answers.isEmpty() || maxNewTokens.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "context must not be blank, answers not empty and maxNewTokens at least 1");
    }
  }

  /** A question whose solution is its answer. */
  public Question(
      Origin origin,
      String context,
      String question,
      List<String> answers,
      String answerPrefix,
      OptionalInt maxNewTokens,
      Optional<String> task,
      OptionalDouble depth,
      List<String> classes,
      boolean runningText) {
    this(
        origin,
        context,
        question,
        answers,
        answerPrefix,
        maxNewTokens,
        task,
        depth,
        classes,
        runningText,
        Optional.empty());
  }

  /** A question with nothing but the necessary. */
  public static Question of(Origin origin, String context, String question, List<String> answers) {
    return new Question(
        origin,
        context,
        question,
        answers,
        "",
        OptionalInt.empty(),
        Optional.empty(),
        OptionalDouble.empty(),
        List.of(),
        false);
  }

  /** The same, whose answer follows in the same text. */
  public Question asRunningText() {
    return with(true, solution);
  }

  /** The same, with what an example of it shows. */
  public Question withSolution(String worked) {
    return with(runningText, Optional.of(worked));
  }

  private Question with(boolean asText, Optional<String> worked) {
    return new Question(
        origin,
        context,
        question,
        answers,
        answerPrefix,
        maxNewTokens,
        task,
        depth,
        classes,
        asText,
        worked);
  }

  /** Question and beginning of the answer, as they follow the context. */
  public String prompt() {
    return Joints.join(question, answerPrefix);
  }
}
