package dev.kvpress.compare.attention;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.compare.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file attention.jsonl of an output folder. */
public final class AttentionFile {
  /** Its name. */
  public static final String NAME = "attention.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private AttentionFile() {}

  /**
   * Writes all maps; the file appears whole or not at all.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path folder, List<CapturedAttention> maps) {
    Path file = folder.resolve(NAME);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    WholeFile.write(
        file,
        writer -> {
          for (CapturedAttention map : maps) {
            writer.write(JSON.writeValueAsString(map));
            writer.write('\n');
          }
        });
  }
}
