package dev.kvpress.compare;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that appears whole or not at all: it is written under another name beside it and moved
 * when it is finished. Closed unfinished, it leaves what was there before.
 */
public final class WholeFile implements AutoCloseable {
  private final Path file;
  private final Path part;
  private final OutputStream out;
  private final Writer writer;

  private WholeFile(Path file, Path part, OutputStream out) {
    this.file = file;
    this.part = part;
    this.out = out;
    this.writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  /** What is written into a file. */
  public interface Content {
    /** Writes it. */
    void writeTo(Writer writer) throws IOException;
  }

  /**
   * Begins a file.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static WholeFile begin(Path file) {
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      return new WholeFile(file, part, Files.newOutputStream(part));
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }

  /**
   * Writes a file.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, Content content) {
    try (WholeFile whole = begin(file)) {
      whole.add(content);
      whole.finish();
    }
  }

  /**
   * Writes more.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void add(Content content) {
    try {
      content.writeTo(writer);
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }

  /**
   * Makes it appear.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void finish() {
    try {
      writer.close();
      try {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }

  private static UncheckedIOException cannot(Path file, IOException e) {
    return new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
  }

  /** Takes away what is not finished. */
  @Override
  public void close() {
    try {
      out.close();
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }
}
