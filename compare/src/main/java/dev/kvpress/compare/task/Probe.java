package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One sample of a task: a context, and a way to ask about it. Probes of any task with the same
 * context share its prefill and, for each method, its compressed cache.
 */
public interface Probe {
  /** Index of the sample in file order, from 0. */
  int sample();

  /** Tokens that are prefilled and compressed, at least one. */
  ImmutableIntArray context();

  /** Tokens the model passes behind the context at most; for the check against its positions. */
  int furtherTokens();

  /** Positions in the text that it takes at most. */
  default int positions() {
    return Ints.saturatedCast((long) context().length() + furtherTokens());
  }

  /** Tokens that are passed behind the context to ask; empty where nothing is asked. */
  default ImmutableIntArray asked() {
    return ImmutableIntArray.of();
  }

  /** Percent of the context that stands before what is asked for, where the data says so. */
  default OptionalDouble depth() {
    return OptionalDouble.empty();
  }

  /** What is expected, as far as it is a text. */
  default List<String> expected() {
    return List.of();
  }

  /**
   * Everything else that the answer depends on, as text: a result of an earlier run is taken again
   * only if context and content are the same.
   */
  String content();

  /**
   * How often each method is asked: what measures time is asked several times, the methods in turn.
   */
  default int rounds() {
    return 1;
  }

  /** What the answers of all rounds say together, at least one. */
  default Answer join(List<Answer> answers) {
    return answers.get(answers.size() - 1);
  }

  /**
   * Asks one method, once.
   *
   * @param turn gives the compressed context; what is taken from it has to be closed
   */
  Answer ask(Turn turn);
}
