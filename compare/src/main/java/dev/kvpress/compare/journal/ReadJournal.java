package dev.kvpress.compare.journal;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.run.FinishedWork;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** A journal that is only read; a run may be writing to it meanwhile. */
public final class ReadJournal implements FinishedWork, AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final JournalLines lines;

  private ReadJournal(Path file, FileChannel channel, JournalLines lines) {
    this.file = file;
    this.channel = channel;
    this.lines = lines;
  }

  /**
   * Opens the journal of a folder as it is now.
   *
   * @param notices takes a remark if it is damaged
   * @throws DataException if it cannot be read
   */
  public static ReadJournal open(Path folder, Consumer<String> notices) {
    Path file = folder.resolve(Journal.FILE);
    FileChannel channel = null;
    boolean done = false;
    try {
      channel = FileChannel.open(file);
      ReadJournal journal =
          new ReadJournal(file, channel, JournalLines.load(file, channel, false, notices));
      done = true;
      return journal;
    } catch (NoSuchFileException e) {
      throw new DataException(
          file + ": expected the journal of the plan beside it, found nothing; run it again", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    } finally {
      if (!done && channel != null) {
        close(channel, file);
      }
    }
  }

  @Override
  public boolean isDone(String key) {
    return lines.isDone(key);
  }

  /** Whether the work with this key was tried last without a result. */
  public boolean isFailed(String key) {
    return lines.isFailed(key);
  }

  @Override
  public Optional<Entry> entry(String key) {
    return lines.entry(key);
  }

  /** The bytes of the last line with a key, without the line's end. */
  public Optional<byte[]> line(String key) {
    return lines.line(key);
  }

  /** Closes a file that was read. */
  static void close(FileChannel channel, Path file) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be closed: " + FileFaults.reason(e), e);
    }
  }

  @Override
  public void close() {
    close(channel, file);
  }
}
