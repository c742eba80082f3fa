package dev.kvpress.compare.spark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process that takes lines and gives lines. Reading can be interrupted, which reading a pipe
 * cannot.
 */
final class WorkerProcess implements AutoCloseable {
  private static final int LAST_WORDS = 12;

  /** Java says so at each start. */
  private static final String ROUTINE = "WARNING: Using incubator modules";

  private static final long LOOK_MILLIS = 200;
  private static final long PATIENCE_SECONDS = 5;

  private final Process process;
  private final BufferedWriter in;
  private final BlockingQueue<Optional<WireLine>> lines = new LinkedBlockingQueue<>();
  private final Deque<String> lastWords = new ArrayDeque<>();
  private final Thread errors;

  WorkerProcess(ProcessBuilder builder) throws IOException {
    process = builder.start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    thread("worker lines", this::readLines);
    errors = thread("worker errors", this::readErrors);
  }

  private static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Optional<WireLine> parsed = WireLine.find(line);
        if (parsed.isPresent()) {
          lines.add(parsed);
        } else {
          // Native code that prints by itself, or the Java machine when it crashes.
          keep(line);
        }
      }
    } catch (IOException e) {
      // The end, like the other one.
    } finally {
      lines.add(Optional.empty());
    }
  }

  /** The executor's own log has them too. */
  private void readErrors() {
    try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        keep(line);
      }
    } catch (IOException e) {
      // It ended.
    }
  }

  private void keep(String line) {
    System.err.println("worker: " + line);
    if (line.startsWith(ROUTINE)) {
      return;
    }
    synchronized (lastWords) {
      lastWords.add(line);
      if (lastWords.size() > LAST_WORDS) {
        lastWords.remove();
      }
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a line. */
  void send(WireLine line) throws IOException {
    in.write(line.toString());
    in.newLine();
    in.flush();
  }

  /**
   * The next line; empty if the process has ended.
   *
   * @param unwanted whether nobody waits for the line any more
   * @throws InterruptedException if so, or if the thread was interrupted
   */
  Optional<WireLine> next(BooleanSupplier unwanted) throws InterruptedException {
    while (!unwanted.getAsBoolean()) {
      Optional<WireLine> line = lines.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (line != null) {
        return line;
      }
    }
    throw new InterruptedException("the task is not wanted any more");
  }

  /** How it ended, and what it said last. */
  String end() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return "closed its output";
      }
      errors.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int code = process.isAlive() ? 0 : process.exitValue();
    // 128 and the number of a signal, as shells count.
    String how =
        code > 128 ? "was ended by signal " + (code - 128) : "ended with exit code " + code;
    synchronized (lastWords) {
      return lastWords.isEmpty() ? how : how + "; its last words: " + String.join(" | ", lastWords);
    }
  }

  /** Ends it at once, with all that it has started. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
