package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;

/**
 * What ends a text beside the tokens that always do.
 *
 * @param strings the text ends before the first of these, however tokens are cut; none is empty
 * @param tokens ids that end the text and are no part of it
 * @param ignoreEnd whether the tokens that end the model's texts do not end this one
 */
public record StopRules(List<String> strings, Set<Integer> tokens, boolean ignoreEnd) {
  /** Nothing beside the model's own end. */
  public static final StopRules NONE = new StopRules(List.of(), Set.of(), false);

  /** Takes copies and checks that no string is empty. */
  public StopRules {
    strings = ImmutableList.copyOf(strings);
    tokens = ImmutableSet.copyOf(tokens);
  }
}
