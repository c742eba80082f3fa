package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A question with several choices. Texts are as they follow one another: nothing is put between
 * them.
 *
 * @param origin where it comes from
 * @param context what is prefilled and compressed; empty where the leads are all there is
 * @param choices at least one
 * @param answer place of the right one from 0; empty where the file does not tell
 * @param unmarked whether nobody knows where the context of the only choice ends
 */
public record ChoiceQuestion(
    Origin origin, String context, List<Choice> choices, OptionalInt answer, boolean unmarked)
    implements Located {
  /** Takes a copy and checks the ranges. */
  public ChoiceQuestion {
    Objects.requireNonNull(origin, "origin is null");
    Objects.requireNonNull(context, "context is null");
    choices = ImmutableList.copyOf(choices);
    if (choices.isEmpty()) {
      throw new IllegalArgumentException("expected at least one choice");
    }
    if (answer.isPresent() && (answer.getAsInt() < 0 || answer.getAsInt() >= choices.size())) {
      throw new IllegalArgumentException(
          "answer must be one of "
              + choices.size()
              + " choices from 0, found "
              + answer.getAsInt());
    }
  }

  /** A question whose choices continue one prompt. */
  public static ChoiceQuestion of(
      Origin origin, String context, List<Choice> choices, OptionalInt answer) {
    return new ChoiceQuestion(origin, context, choices, answer, false);
  }

  /** A prompt whose end is the continuation, of which the file does not tell where it begins. */
  public static ChoiceQuestion unmarked(Origin origin, String prompt) {
    return new ChoiceQuestion(
        origin, "", List.of(new Choice("", prompt, prompt)), OptionalInt.empty(), true);
  }

  /** The choices as their length is counted. */
  public List<String> texts() {
    return choices.stream().map(Choice::text).toList();
  }

  /** What stands in front of a choice. */
  public String prompt(int choice) {
    return context + choices.get(choice).lead();
  }

  /** The prompt with its choice, as a solved example shows it. */
  public String with(int choice) {
    return prompt(choice) + choices.get(choice).continuation();
  }
}
