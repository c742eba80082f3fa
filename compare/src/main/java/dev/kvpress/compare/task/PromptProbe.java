package dev.kvpress.compare.task;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.prompt.PromptTokens;

/** A probe that reads a question behind its context and lets the model go on. */
interface PromptProbe extends Probe {
  /** The prompt in its parts. */
  PromptTokens tokens();

  /** Tokens of an answer at most. */
  int most();

  @Override
  default ImmutableIntArray context() {
    return tokens().context();
  }

  @Override
  default ImmutableIntArray asked() {
    return tokens().question();
  }

  @Override
  default int furtherTokens() {
    // The last token of an answer is not passed: nothing follows it.
    return Ints.saturatedCast((long) tokens().question().length() + most() - 1);
  }
}
