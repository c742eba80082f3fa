package dev.kvpress.compare.shape.catalog;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Joints;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.SampleReader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Solved examples in front of a prompt. As in lm-evaluation-harness, an example is its prompt and
 * its right answer, and a blank line ends it. Unlike there, every prompt gets the same examples,
 * the first of the training file: then all questions of a run share them, and no draw makes one
 * question easier than another.
 */
public final class FewShot {
  private static final String END = "\n\n";

  private FewShot() {}

  /** The beginning of a prompt: all examples, each with its end. */
  public static String prefix(List<String> examples) {
    StringBuilder text = new StringBuilder();
    examples.forEach(example -> text.append(example).append(END));
    return text.toString();
  }

  /**
   * The beginning of multiple-choice prompts.
   *
   * @param training file of multiple-choice questions that tell the right choice
   * @param shots number of examples, 0 for none
   * @throws DataException if the file has too few or tells no right choice
   */
  public static String ofChoices(Path training, int shots) {
    return prefix(
        examples(training, shots, "multiple_choice", DataSource::choices, FewShot::solved));
  }

  private static String solved(ChoiceQuestion question) {
    return question.with(
        question
            .answer()
            .orElseThrow(
                () ->
                    new DataException(
                        question.origin().place()
                            + "expected which choice is right, since the row is an example, found no answer; add it")));
  }

  /**
   * The beginning of prompts of summaries; the first reference is the example's answer.
   *
   * @param training file of texts with their summaries
   * @param shots number of examples, 0 for none
   * @throws DataException if the file has too few
   */
  public static String ofSummaries(Path training, int shots) {
    return prefix(
        examples(
            training,
            shots,
            "summarization",
            DataSource::summaries,
            request -> Joints.join(request.prompt(), request.references().get(0))));
  }

  /**
   * The beginning of prompts of questions.
   *
   * @param training file of questions with answers
   * @param shots number of examples, 0 for none
   * @param solved how a question is written with its answer
   * @throws DataException if the file has too few
   */
  public static String ofQuestions(Path training, int shots, Function<Question, String> solved) {
    return prefix(examples(training, shots, "qa", DataSource::questions, solved));
  }

  private static <T> List<String> examples(
      Path training,
      int shots,
      String task,
      Function<DataSource, SampleReader<T>> open,
      Function<T, String> solved) {
    if (shots < 0) {
      throw new IllegalArgumentException("--shots: expected at least 0, found " + shots);
    }
    if (shots == 0) {
      return List.of();
    }
    try (SampleReader<T> reader = open.apply(DataSource.of(training, task))) {
      ImmutableList<T> found = reader.atMost(shots);
      if (found.size() < shots) {
        throw new DataException(
            training
                + ": expected at least "
                + shots
                + " examples for --shots, found "
                + found.size()
                + "; lower --shots or give a longer file");
      }
      return found.stream().map(solved).toList();
    }
  }
}
