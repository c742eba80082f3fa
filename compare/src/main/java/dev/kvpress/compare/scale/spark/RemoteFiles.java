package dev.kvpress.compare.scale.spark;

import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.scale.worker.Line;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are named by URIs, by way of a process that has Spark's file systems. One question is
 * asked at a time.
 */
public final class RemoteFiles implements AutoCloseable {
  private static final String MAIN = "dev.kvpress.compare.spark.FileBridge";
  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.+|file:/[^/].*");
  private static final long PATIENCE_SECONDS = 20;
  private static final int LAST_WORDS = 8;
  private static final Logger LOG = LoggerFactory.getLogger(RemoteFiles.class);

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;
  private final Consumer<String> notices;
  private final Deque<String> lastWords = new ArrayDeque<>();
  private final Thread errors;

  /**
   * Starts the process.
   *
   * @param notices takes remarks
   * @throws UncheckedIOException if it cannot be started
   */
  public RemoteFiles(SparkSettings settings, Consumer<String> notices) {
    this(new ProcessBuilder(settings.command(MAIN)), notices);
  }

  RemoteFiles(ProcessBuilder builder, Consumer<String> notices) {
    this.notices = notices;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("the process for files by URI cannot be started", e);
    }
    in = process.outputWriter(StandardCharsets.UTF_8);
    out = process.inputReader(StandardCharsets.UTF_8);
    errors = new Thread(this::readErrors, "files by URI");
    errors.setDaemon(true);
    errors.start();
  }

  private void readErrors() {
    try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
      for (String text = err.readLine(); text != null; text = err.readLine()) {
        synchronized (lastWords) {
          lastWords.add(text.strip());
          if (lastWords.size() > LAST_WORDS) {
            lastWords.remove();
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("the errors of the process for files by URI broke off", e);
    }
  }

  /** Says how the process ended and what it wrote last. */
  private IllegalStateException ended(@Nullable Throwable cause) {
    String how = "does not answer";
    try {
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        how = "has ended with exit code " + process.exitValue();
      }
      errors.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (lastWords) {
      return new IllegalStateException(
          "the process for files by URI %s; its last words: %s"
              .formatted(how, lastWords.isEmpty() ? "none" : String.join(" | ", lastWords)),
          cause);
    }
  }

  /** Whether a text names files in this way. */
  public static boolean isUri(String text) {
    return URI.matcher(text).matches();
  }

  /**
   * Brings what arguments name by URIs to this host, unless it is there already; the output is left
   * as it is.
   *
   * @return the arguments with paths in their place
   * @throws UsageException if something is not there or cannot be read
   */
  public List<String> local(List<String> arguments) {
    return ask("local", new Arguments(arguments))
        .content(Arguments.class)
        .map(Arguments::arguments)
        .orElseThrow(() -> new IllegalStateException("arguments get lost"));
  }

  /** What arguments are replaced by. */
  private record Arguments(List<String> arguments) {}

  /**
   * Says to other machines that results are being written there.
   *
   * @throws UsageException if another run does so already, or nobody can write there
   */
  public void claim(String uri) {
    ask("claim", new Place(uri, ""));
  }

  /** Brings the results of earlier runs into a folder. */
  public void pull(String uri, Path folder) {
    ask("pull", new Place(uri, folder.toAbsolutePath().toString()));
  }

  /** Writes what has changed in a folder since the last time. */
  public void push(Path folder, String uri) {
    ask("push", new Place(uri, folder.toAbsolutePath().toString()));
  }

  /** There and here. */
  private record Place(String uri, String folder) {}

  private synchronized Line ask(String word, Object question) {
    Line line;
    try {
      in.write(Line.of(word, question).toString());
      in.write('\n');
      in.flush();
      line = answer();
      while (line.word().equals(Line.NOTE)) {
        line.content(Line.Said.class).map(Line.Said::message).ifPresent(notices);
        line = answer();
      }
    } catch (IOException e) {
      throw ended(e);
    }
    if (line.word().equals(Line.FAULT)) {
      throw new UsageException(
          List.of(line.content(Line.Said.class).map(Line.Said::message).orElse(word)));
    }
    return line;
  }

  private Line answer() throws IOException {
    return Optional.ofNullable(out.readLine()).flatMap(Line::parse).orElseThrow(() -> ended(null));
  }

  /** Takes back what was claimed. */
  @Override
  public void close() {
    try {
      in.close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
