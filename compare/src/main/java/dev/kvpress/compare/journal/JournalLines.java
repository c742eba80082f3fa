package dev.kvpress.compare.journal;

import dev.kvpress.compare.run.FinishedWork;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.run.WorkLog.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The lines of a journal by their keys. What they hold stays in the file: here is only where each
 * stands, so that a million of them take some tens of megabytes. Of lines with the same key the
 * last counts.
 */
final class JournalLines implements FinishedWork {
  private static final int BLOCK = 1 << 18;
  private static final int USUAL_LINE = 1 << 12;

  private final Path file;
  private final FileChannel channel;

  /** Twice the place of the line in the file, and one more if it tells of an error. */
  private final LineIndex lines = new LineIndex();

  /** What earlier lines did, whatever they did it with; filled for those who go on with them. */
  private final LineIndex places = new LineIndex();

  private final boolean goesOn;

  private long end;

  private JournalLines(Path file, FileChannel channel, boolean goesOn) {
    this.file = file;
    this.channel = channel;
    this.goesOn = goesOn;
  }

  /**
   * Reads a journal through.
   *
   * @param goesOn whether a run goes on with it
   * @param notices takes a remark if it is damaged
   */
  static JournalLines load(Path file, FileChannel channel, boolean goesOn, Consumer<String> notices)
      throws IOException {
    JournalLines lines = new JournalLines(file, channel, goesOn);
    Broken broken = lines.load();
    if (broken.count > 0) {
      notices.accept(
          "%s: %s torn, changed or of another version, and passed over; %s"
              .formatted(
                  file,
                  broken.words(),
                  goesOn
                      ? "work that stood there alone is done again"
                      : "work that stood there alone counts as missing, and the same command does"
                          + " it again"));
    }
    return lines;
  }

  /** Lines that are none of a journal. */
  private static final class Broken {
    private static final int MOST_NAMED = 5;

    private final List<Long> first = new ArrayList<>();
    private int count;

    void add(long number) {
      count++;
      if (first.size() < MOST_NAMED) {
        first.add(number);
      }
    }

    String words() {
      String numbers = first.stream().map(String::valueOf).collect(Collectors.joining(", "));
      String others = count > first.size() ? " and %,d more".formatted(count - first.size()) : "";
      return (count == 1 ? "line " : "lines ") + numbers + others + (count == 1 ? " is" : " are");
    }
  }

  /** Reads all whole lines and tells which of them are none of a journal. */
  private Broken load() throws IOException {
    byte[] block = new byte[BLOCK];
    ByteArrayOutputStream begun = new ByteArrayOutputStream();
    Broken broken = new Broken();
    long number = 0;
    long at = 0;
    for (int read = read(block, at); read > 0; read = read(block, at)) {
      int from = 0;
      for (int i = 0; i < read; i++) {
        if (block[i] == '\n') {
          begun.write(block, from, i - from);
          byte[] line = begun.toByteArray();
          number++;
          if (!take(line) && !isBlank(line)) {
            broken.add(number);
          }
          end += begun.size() + 1;
          begun.reset();
          from = i + 1;
        }
      }
      begun.write(block, from, read - from);
      at += read;
    }
    return broken;
  }

  private int read(byte[] block, long at) throws IOException {
    return channel.read(ByteBuffer.wrap(block), at);
  }

  /** Whether nothing stands there that work could be lost with. */
  private static boolean isBlank(byte[] line) {
    return new String(line, StandardCharsets.UTF_8).isBlank();
  }

  /** Whether these are the bytes of a whole line, which is known from then on. */
  private boolean take(byte[] bytes) {
    Optional<JournalLine> line = JournalLine.parse(bytes);
    if (line.isEmpty()) {
      return false;
    }
    try {
      line.get().toOutcome();
    } catch (RuntimeException e) {
      // Well-formed, yet of parts that make no outcome: as useless as a torn line.
      return false;
    }
    put(line.get(), end);
    if (goesOn && line.get().outcome() != null) {
      places.put(place(line.get().cell(), line.get().task(), line.get().sample()), 0);
    }
    return true;
  }

  private static String place(String cell, String task, int sample) {
    return cell + '\n' + task + '\n' + sample;
  }

  private void put(JournalLine line, long at) {
    lines.put(line.key(), 2 * at + (line.outcome() == null ? 1 : 0));
  }

  /** Where the whole lines end. */
  long end() {
    return end;
  }

  /** Takes note of a line that was written at the end. */
  void added(JournalLine line, int bytes) {
    put(line, end);
    end += bytes;
  }

  /** Whether an earlier line did the same otherwise; asked of work that is not done. */
  boolean hasAnother(Unit unit) {
    return places.get(place(unit.cell(), unit.task(), unit.sample())) != LineIndex.NONE;
  }

  @Override
  public boolean isDone(String key) {
    long number = lines.get(key);
    return number != LineIndex.NONE && number % 2 == 0;
  }

  /** Whether the last line with a key tells of an error. */
  boolean isFailed(String key) {
    long number = lines.get(key);
    return number != LineIndex.NONE && number % 2 == 1;
  }

  @Override
  public Optional<Entry> entry(String key) {
    return line(key)
        .flatMap(JournalLine::parse)
        // Keys whose hashes are equal are told apart here.
        .filter(line -> line.key().equals(key))
        .map(JournalLines::entry);
  }

  private static Entry entry(JournalLine line) {
    Optional<SampleOutcome> outcome = line.toOutcome();
    return new Entry(outcome, outcome.isPresent() ? Optional.empty() : Optional.of(line.reason()));
  }

  /** The bytes of the last line with a key, without the line's end. */
  Optional<byte[]> line(String key) {
    long number = lines.get(key);
    if (number == LineIndex.NONE) {
      return Optional.empty();
    }
    try {
      return Optional.of(lineAt(number / 2));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private byte[] lineAt(long at) throws IOException {
    byte[] bytes = new byte[USUAL_LINE];
    int filled = 0;
    while (true) {
      int read = channel.read(ByteBuffer.wrap(bytes, filled, bytes.length - filled), at + filled);
      if (read <= 0) {
        throw new IOException("it has become shorter while it was read");
      }
      for (int i = filled; i < filled + read; i++) {
        if (bytes[i] == '\n') {
          return Arrays.copyOf(bytes, i);
        }
      }
      filled += read;
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * bytes.length);
      }
    }
  }
}
