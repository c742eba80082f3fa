package dev.kvpress.compare.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The journal of an output folder, {@code journal.jsonl}. A line is written and synced before the
 * run goes on; a line that was torn by a crash is cut off when the journal is opened again. While
 * it is open no other run can open it.
 */
public final class Journal implements WorkLog, AutoCloseable {
  /** Name of the file in an output folder. */
  public static final String FILE = "journal.jsonl";

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;
  private final Map<String, SampleOutcome> known = new HashMap<>();

  /** Keys of what was done before this run, by what it was done on. */
  private final SetMultimap<Place, String> earlier = HashMultimap.create();

  private long end;

  /** A cell on a sample, whatever it was done with. */
  private record Place(String cell, String task, int sample) {}

  private Journal(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Opens the journal of a folder that exists.
   *
   * @param fresh whether to forget what earlier runs have done
   * @param notices takes a remark if the journal was damaged
   * @throws UsageException if another run holds it
   * @throws UncheckedIOException if it cannot be read or written
   */
  public static Journal open(Path folder, boolean fresh, Consumer<String> notices) {
    Path file = folder.resolve(FILE);
    FileChannel channel = null;
    boolean done = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = lock(channel, folder);
      if (fresh) {
        channel.truncate(0);
      }
      Journal journal = new Journal(file, channel, lock);
      journal.load(notices);
      done = true;
      return journal;
    } catch (IOException e) {
      throw cannot(file, e);
    } finally {
      if (!done && channel != null) {
        close(channel, file);
      }
    }
  }

  private static FileLock lock(FileChannel channel, Path folder) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new UsageException(
          List.of(
              "--output: another run is writing to %s; wait for it or give another folder"
                  .formatted(folder)));
    }
    return lock;
  }

  private void load(Consumer<String> notices) throws IOException {
    channel.position(0);
    int broken = 0;
    // Not closed: that would close the channel.
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b != '\n') {
        line.write(b);
        continue;
      }
      broken += take(line.toString(UTF_8)) ? 0 : 1;
      end += line.size() + 1;
      line.reset();
    }
    if (line.size() > 0) {
      channel.truncate(end);
    }
    if (broken > 0) {
      notices.accept(
          "%s: %d %s not of a journal of this version and passed over; that work is done again"
              .formatted(file, broken, broken == 1 ? "line is" : "lines are"));
    }
  }

  /** Whether the text is a whole line; what it holds is known from then on. */
  private boolean take(String text) {
    Optional<JournalLine> parsed = JournalLine.parse(text);
    if (parsed.isEmpty()) {
      return false;
    }
    JournalLine line = parsed.orElseThrow();
    Optional<SampleOutcome> outcome;
    try {
      outcome = line.toOutcome();
    } catch (RuntimeException e) {
      // Well-formed, yet of parts that make no outcome: as useless as a torn line.
      return false;
    }
    outcome.ifPresent(
        one -> {
          known.put(line.key(), one);
          earlier.put(new Place(line.cell(), line.task(), line.sample()), line.key());
        });
    return true;
  }

  @Override
  public Optional<SampleOutcome> find(String key) {
    return Optional.ofNullable(known.get(key));
  }

  @Override
  public boolean hasAnother(Unit unit) {
    return earlier.get(new Place(unit.cell(), unit.task(), unit.sample())).stream()
        .anyMatch(key -> !key.equals(unit.key()));
  }

  @Override
  public void done(Unit unit, SampleOutcome outcome) {
    append(JournalLine.of(unit, outcome));
    known.put(unit.key(), outcome);
  }

  @Override
  public void failed(Unit unit, String error) {
    append(JournalLine.of(unit, error));
  }

  private void append(JournalLine line) {
    ByteBuffer bytes = ByteBuffer.wrap((line.toJson() + "\n").getBytes(UTF_8));
    int size = bytes.remaining();
    try {
      channel.position(end);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
      end += size;
    } catch (IOException e) {
      cutBack();
      throw cannot(file, e);
    }
  }

  /** Takes away what was written of a line that did not go through whole. */
  private void cutBack() {
    try {
      channel.truncate(end);
    } catch (IOException e) {
      // The next run cuts it off.
    }
  }

  private static UncheckedIOException cannot(Path file, IOException e) {
    return new UncheckedIOException(
        "cannot write %s: %s; finished work up to here is kept, and the same command goes on from there"
            .formatted(file, e.getMessage()),
        e);
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException e) {
      throw cannot(file, e);
    } finally {
      close(channel, file);
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
