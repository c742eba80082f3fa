package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.serve.model.ContextFolder;
import dev.kvpress.compare.serve.model.ContextShelf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many compressed contexts an endpoint keeps, and where. */
final class KeptContextOptions {
  private static final int DEFAULT_COUNT = 64;
  private static final long DEFAULT_BYTES = 1L << 30;
  private static final long DEFAULT_FILE_BYTES = 4L << 30;

  @Option(
      names = "--contexts",
      paramLabel = "DIR",
      description =
          "Folder of stored contexts (files of compare compress, by stored_context), where contexts with a prompt_cache_key are kept too (default: none).")
  @Nullable String folder;

  @Option(
      names = "--context-cache-count",
      paramLabel = "COUNT",
      description = "Compressed contexts kept in memory at most (default: " + DEFAULT_COUNT + ").")
  @Nullable String count;

  @Option(
      names = "--context-cache-bytes",
      paramLabel = "BYTES",
      description = "Bytes of these at most (default: 1g).")
  @Nullable String bytes;

  @Option(
      names = "--context-file-bytes",
      paramLabel = "BYTES",
      description =
          "Bytes of the files of contexts with a key at most; the oldest go first (default: 4g).")
  @Nullable String fileBytes;

  /** How many are kept in memory. */
  ContextShelf.Bounds bounds(Values values) {
    return new ContextShelf.Bounds(
        values.integer("--context-cache-count", count, 0).orElse(DEFAULT_COUNT),
        values.bytes("--context-cache-bytes", bytes).orElse(DEFAULT_BYTES));
  }

  /** The folder, if there is to be one. */
  Optional<ContextFolder> folder(Values values, Problems problems) {
    long most = values.bytes("--context-file-bytes", fileBytes).orElse(DEFAULT_FILE_BYTES);
    return values
        .path("--contexts", folder)
        .flatMap(path -> problems.attempt(() -> new ContextFolder(path, most)));
  }
}
