package dev.kvpress.compare.metric.official;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What is right.
 *
 * @param answers right answers, at least one; most scores are content with any of them
 * @param classes all classes of a classification; empty elsewhere
 */
public record Expected(List<String> answers, List<String> classes) {
  /** Takes copies. */
  public Expected {
    answers = ImmutableList.copyOf(answers);
    classes = ImmutableList.copyOf(classes);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException(
          "answers: expected at least one expected answer, found none; leave the sample out");
    }
  }

  /** Right answers of something that is no classification. */
  public static Expected of(String... answers) {
    return new Expected(List.of(answers), List.of());
  }

  String first() {
    return answers.get(0);
  }
}
