package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The journal of an output folder, {@code journal.jsonl}. A line is written and synced before the
 * run goes on; a line that was torn by a crash is cut off when the journal is opened again. While
 * it is open no other run can open it, on whatever machine.
 */
public final class Journal implements WorkLog, AutoCloseable {
  /** Name of the file in an output folder. */
  public static final String FILE = "journal.jsonl";

  private final Path file;
  private final FileChannel channel;
  private final FolderLock lock;
  private final JournalLines lines;

  private Journal(Path file, FileChannel channel, FolderLock lock, JournalLines lines) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    this.lines = lines;
  }

  /**
   * Opens the journal of a folder that exists.
   *
   * @param fresh whether to forget what earlier runs have done
   * @param notices takes a remark if the journal was damaged
   * @throws dev.kvpress.compare.UsageException if another run holds it
   * @throws UncheckedIOException if it cannot be read or written
   */
  public static Journal open(Path folder, boolean fresh, Consumer<String> notices) {
    Path file = folder.resolve(FILE);
    FolderLock lock = FolderLock.take(folder, notices);
    FileChannel channel = null;
    boolean done = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (fresh) {
        channel.truncate(0);
      }
      Journal journal =
          new Journal(file, channel, lock, JournalLines.load(file, channel, true, notices));
      channel.truncate(journal.lines.end());
      done = true;
      return journal;
    } catch (IOException e) {
      throw cannot(file, e);
    } finally {
      if (!done) {
        if (channel != null) {
          close(channel, file);
        }
        lock.close();
      }
    }
  }

  @Override
  public boolean isDone(String key) {
    return lines.isDone(key);
  }

  @Override
  public Optional<Entry> entry(String key) {
    return lines.entry(key);
  }

  @Override
  public boolean hasAnother(Unit unit) {
    return lines.hasAnother(unit);
  }

  @Override
  public void done(Unit unit, SampleOutcome outcome) {
    append(JournalLine.of(unit, outcome));
  }

  @Override
  public void failed(Unit unit, String error) {
    append(JournalLine.of(unit, error));
  }

  private void append(JournalLine line) {
    ByteBuffer bytes = ByteBuffer.wrap((line.toText() + "\n").getBytes(UTF_8));
    int size = bytes.remaining();
    lock.requireHeld();
    try {
      channel.position(lines.end());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
      lines.added(line, size);
    } catch (IOException e) {
      cutBack();
      throw cannot(file, e);
    }
  }

  /** Takes away what was written of a line that did not go through whole. */
  private void cutBack() {
    try {
      channel.truncate(lines.end());
    } catch (IOException e) {
      // The next run cuts it off.
    }
  }

  private static UncheckedIOException cannot(Path file, IOException e) {
    return new UncheckedIOException(
        "cannot write %s (finished work up to here is kept, and the same command goes on from there)"
            .formatted(file),
        e);
  }

  @Override
  public void close() {
    try {
      close(channel, file);
    } finally {
      lock.close();
    }
  }

  private static void close(FileChannel channel, Path file) {
    try {
      channel.close();
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }
}
