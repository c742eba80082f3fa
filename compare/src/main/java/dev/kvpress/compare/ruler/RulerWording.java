package dev.kvpress.compare.ruler;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * In which words the tasks are put. Small models understand only what they were trained on, so the
 * demo model has a wording of its own.
 */
public abstract class RulerWording {
  /** Plain English, for models that follow instructions or at least continue text. */
  public static final RulerWording PLAIN = new PlainWording();

  /**
   * The facts and questions of the demo model's villages: "Mira keeps the lantern." Numbers and
   * identifiers become words there.
   */
  public static final RulerWording VILLAGE = new VillageWording();

  private final String name;

  RulerWording(String name) {
    this.name = name;
  }

  /**
   * Whether question and answer go on in the text of the context, as in a model's training, instead
   * of standing behind it as a question of their own.
   */
  public boolean isRunningText() {
    return false;
  }

  /** The name in options. */
  @Override
  public final String toString() {
    return name;
  }

  /** Something that a fact is about. */
  record Key(String name, String relation) {}

  /** What is asked: the question, the beginning of its answer, and the answers. */
  record Asked(String question, String prefix, List<String> answers) {}

  /** A value handed from name to name. */
  record Chain(List<String> links, Asked asked) {}

  /** What stands before the text; may be empty. */
  abstract String intro(RulerTask task);

  /** A key that is not among the taken ones; it is then. */
  abstract Key key(RulerTask.Kind kind, SplittableRandom random, Set<Key> taken);

  /** A value for a key that is not among the taken ones; it is then. */
  abstract String value(Key key, RulerTask.Kind kind, SplittableRandom random, Set<String> taken);

  /** The sentence that says which value a key has. */
  abstract String fact(Key key, String value);

  /** The question for the values of keys. */
  abstract Asked ask(List<Key> keys, List<String> values);

  /** A value handed on so many times. */
  abstract Chain chain(int hops, SplittableRandom random);

  /** A few sentences to be repeated as filler. */
  abstract List<String> noise(RulerText text);

  /** A word for lists that is not among the taken ones; it is then. */
  abstract String listed(SplittableRandom random, Set<String> taken);

  /** The question for the common words of a list. */
  abstract Asked common(List<String> words);

  /** The question for the most frequent words of a list. */
  abstract Asked frequent(List<String> words);

  /** A passage among others, numbered from 1. */
  abstract String passage(int number, String text);

  /** Longest answer in tokens. */
  abstract int maxNewTokens(RulerTask task);
}
