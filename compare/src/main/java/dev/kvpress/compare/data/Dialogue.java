package dev.kvpress.compare.data;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * Several questions about one context, one after another.
 *
 * @param origin where it comes from
 * @param context what is prefilled and compressed; not blank
 * @param turns at least one
 */
public record Dialogue(Origin origin, String context, List<Turn> turns) implements Located {
  /** Takes a copy and checks that there is something to ask. */
  public Dialogue {
    requireNonNull(origin, "origin is null");
    turns = ImmutableList.copyOf(turns);
    if (context.isBlank() || turns.isEmpty()) {
      throw new IllegalArgumentException("context must not be blank, turns not empty");
    }
  }

  /**
   * One question.
   *
   * @param input what is asked
   * @param answers what is expected, at least one; the first is what a conversation goes on with
   * @param task kind of question, which may have a measure of its own
   */
  public record Turn(String input, List<String> answers, Optional<String> task) {
    /** Takes a copy and checks that there is an answer. */
    public Turn {
      requireNonNull(input, "input is null");
      requireNonNull(task, "task is null");
      answers = ImmutableList.copyOf(answers);
      if (answers.isEmpty()) {
        throw new IllegalArgumentException("a turn must have at least one answer");
      }
    }
  }
}
