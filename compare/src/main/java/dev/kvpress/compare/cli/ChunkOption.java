package dev.kvpress.compare.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many tokens pass at once where a text is read. */
final class ChunkOption {
  static final String NAME = "--chunk-size";
  private static final int DEFAULT_TOKENS = 256;

  @Option(
      names = NAME,
      paramLabel = "TOKENS",
      description = "Tokens a pass while a text is read (default: " + DEFAULT_TOKENS + ").")
  @Nullable String text;

  int tokens(Values values) {
    return values.integer(NAME, text, 1).orElse(DEFAULT_TOKENS);
  }
}
