package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;

/**
 * What ends a text beside the tokens that always do.
 *
 * @param strings the text ends before the first of these, however tokens are cut; none is empty.
 *     They are looked for in what is generated, not where it meets the prompt
 * @param tokens ids that end the text and are no part of it
 * @param ignoreEnd whether the tokens that end the model's texts do not end this one
 */
public record StopRules(List<String> strings, Set<Integer> tokens, boolean ignoreEnd) {
  /** Nothing beside the model's own end. */
  public static final StopRules NONE = new StopRules(List.of(), Set.of(), false);

  /** Takes copies and checks that each string is one that a text may have. */
  public StopRules {
    strings = ImmutableList.copyOf(strings);
    tokens = ImmutableSet.copyOf(tokens);
    for (String stop : strings) {
      checkArgument(!stop.isEmpty(), "a stop string is empty; leave it out");
      checkArgument(
          isWellFormed(stop),
          "a stop string holds half a character (a surrogate without its partner), which no text does");
    }
    for (int id : tokens) {
      checkArgument(id >= 0, "stop tokens: expected ids from 0 on, found %s", id);
    }
  }

  private static boolean isWellFormed(String text) {
    // A surrogate that has its partner is no code point of its own.
    return text.codePoints().noneMatch(point -> point >= 0xD800 && point <= 0xDFFF);
  }

  /** Ends before any of some strings. */
  public static StopRules at(String... strings) {
    return new StopRules(List.of(strings), Set.of(), false);
  }
}
