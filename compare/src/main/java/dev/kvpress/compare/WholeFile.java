package dev.kvpress.compare;

import dev.kvpress.runtime.file.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Text files that appear whole or not at all. */
public final class WholeFile {
  private WholeFile() {}

  /** What is written into a file. */
  public interface Content {
    /** Writes it. */
    void writeTo(Writer writer) throws IOException;
  }

  /**
   * Writes a file in UTF-8, or leaves what was there.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, Content content) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            content.writeTo(writer);
            // Not closed: the file gets its name while the channel is open.
            writer.flush();
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
