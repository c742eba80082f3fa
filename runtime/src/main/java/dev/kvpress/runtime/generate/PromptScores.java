package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * How likely a model finds a text.
 *
 * @param tokens all of the prompt's; nothing stands before the first, whose figure is NaN
 * @param usage what it took
 * @param notices remarks of the press, each once
 */
public record PromptScores(List<TokenScore> tokens, Usage usage, List<String> notices) {
  /** Takes copies. */
  public PromptScores {
    tokens = ImmutableList.copyOf(tokens);
    notices = ImmutableList.copyOf(notices);
  }
}
