package dev.kvpress.runtime.saved;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What the maker of a context knows of it and the context itself does not. Everything may be empty.
 *
 * @param press spec of the press that has cut it, with which decoding goes on where it evicts
 * @param budget what the press was given, as {@code Budget.describe} says it
 * @param origin where it comes from
 * @param prompt how questions follow it
 */
public record ContextNotes(String press, String budget, Origin origin, Prompt prompt) {
  private static final int MOST_CHARACTERS = 1 << 16;

  /** Nothing is known. */
  public static final ContextNotes NONE =
      new ContextNotes("", "", new Origin("", "", ""), new Prompt("", "", ""));

  /** Checks that texts are no longer than people write them. */
  public ContextNotes {
    requireShort(press);
    requireShort(budget);
    requireNonNull(origin, "origin is null");
    requireNonNull(prompt, "prompt is null");
  }

  /**
   * Where a context comes from.
   *
   * @param model where the model was
   * @param weights in which format its weights were asked for; empty for as they are stored
   * @param writer program and version
   */
  public record Origin(String model, String weights, String writer) {
    /** Checks the lengths. */
    public Origin {
      requireShort(model);
      requireShort(weights);
      requireShort(writer);
    }
  }

  /**
   * How questions follow a context.
   *
   * @param template the chat template that it stands in, in words
   * @param before what parts a question from it where the question begins without white space
   * @param after what stands between a question and its answer
   */
  public record Prompt(String template, String before, String after) {
    private static final String MESSAGES = "messages in ";

    /** Checks the lengths. */
    public Prompt {
      requireShort(template);
      requireShort(before);
      requireShort(after);
    }

    /**
     * For a conversation behind whose last message others follow: what stands around these depends
     * on who has said that, so questions cannot follow as texts.
     *
     * @param template the chat template, in words
     */
    public static Prompt ofMessages(String template) {
      return new Prompt(MESSAGES + template, "", "");
    }

    /** Whether texts follow, with what is said here around them. */
    public boolean takesTexts() {
      return !template.startsWith(MESSAGES);
    }
  }

  private static void requireShort(String text) {
    requireNonNull(text, "a text is null");
    checkArgument(
        text.length() <= MOST_CHARACTERS,
        "a note must have at most %s characters, found %s",
        MOST_CHARACTERS,
        text.length());
  }

  /**
   * The same after a press has cut the cache. What its maker has said of the press stands; where
   * nothing was said, the names of all presses that have cut it do.
   *
   * @param name of the press's class
   */
  public ContextNotes cutBy(String name, String newBudget) {
    boolean said = !press.isEmpty() && !press.matches("\\w+Press(, \\w+)*");
    if (said || List.of(press.split(", ", -1)).contains(name)) {
      return this;
    }
    String all = press.isEmpty() ? name : press + ", " + name;
    return new ContextNotes(all, newBudget, origin, prompt);
  }
}
