package dev.kvpress.runtime.saved;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * What the maker of a context knows of it and the context itself does not. Everything may be empty.
 *
 * @param press spec of the press that has cut it, with which decoding goes on where it evicts
 * @param budget what the press was given, as {@code Budget.describe} says it
 * @param modelPath where the model was
 * @param writer program and version
 * @param template what the text stands in: the chat template of its prompt, in words
 * @param tokens ids of all tokens that have passed, of a context of one row; empty where unknown
 */
public record ContextNotes(
    String press,
    String budget,
    String modelPath,
    String writer,
    String template,
    ImmutableIntArray tokens) {
  private static final int MOST_CHARACTERS = 1 << 16;

  /** Nothing is known. */
  public static final ContextNotes NONE =
      new ContextNotes("", "", "", "", "", ImmutableIntArray.of());

  /** Checks that the texts are texts of people. */
  public ContextNotes {
    requireNonNull(tokens, "tokens is null");
    for (String text : new String[] {press, budget, modelPath, writer, template}) {
      requireNonNull(text, "a text is null");
      checkArgument(
          text.length() <= MOST_CHARACTERS,
          "a note must have at most %s characters, found %s",
          MOST_CHARACTERS,
          text.length());
    }
  }

  /**
   * The same after a press has cut the cache. What its maker has said of the press stands; where
   * nothing was said, the names of all presses that have cut it do.
   *
   * @param name of the press's class
   */
  public ContextNotes cutBy(String name, String newBudget) {
    boolean said = !press.isEmpty() && !press.matches("\\w+Press(, \\w+)*");
    if (said || List.of(press.split(", ")).contains(name)) {
      return this;
    }
    String all = press.isEmpty() ? name : press + ", " + name;
    return new ContextNotes(all, newBudget, modelPath, writer, template, tokens);
  }

  /** The same without what further tokens make untrue. */
  public ContextNotes withTokens(ImmutableIntArray all) {
    return new ContextNotes(press, budget, modelPath, writer, template, all);
  }
}
