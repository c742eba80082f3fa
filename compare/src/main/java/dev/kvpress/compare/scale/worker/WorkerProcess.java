package dev.kvpress.compare.scale.worker;

import com.google.common.collect.EvictingQueue;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process that was started. What it says is handed on line by line; the last thing handed on is
 * its end, when every whole line before it has been.
 */
final class WorkerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
  private static final int LAST_LINES = 12;
  private static final long STREAMS_SECONDS = 2;

  private final Process process;
  private final int worker;

  // Never full: a process that does not read must not hold up the pool.
  private final BlockingQueue<String> outbox = new LinkedBlockingQueue<>();

  @SuppressWarnings("UnstableApiUsage")
  private final Queue<String> said = EvictingQueue.create(LAST_LINES);

  private final Thread errors;

  /** Takes what a process says, on a thread of that process. */
  interface Listener {
    /** A message. */
    void said(WorkerProcess from, Line line) throws InterruptedException;

    /** It has ended. */
    void ended(WorkerProcess from) throws InterruptedException;
  }

  private WorkerProcess(Process process, int worker) {
    this.process = process;
    this.worker = worker;
    this.errors = daemon(this::readErrors, "errors");
  }

  /**
   * Starts it.
   *
   * @param worker its number, from 0
   * @throws WorkerException if the operating system does not
   */
  static WorkerProcess start(WorkerLaunch launch, int worker, Listener listener) {
    ProcessBuilder builder = launch.of(worker);
    try {
      WorkerProcess started = new WorkerProcess(builder.start(), worker);
      started.errors.start();
      started.daemon(started::write, "input").start();
      started.daemon(() -> started.read(listener), "output").start();
      return started;
    } catch (IOException e) {
      throw new WorkerException(
          "worker %d cannot be started: %s".formatted(worker + 1, e.getMessage()));
    }
  }

  private Thread daemon(Runnable work, String what) {
    Thread thread = new Thread(work, "worker " + (worker + 1) + " " + what);
    thread.setDaemon(true);
    return thread;
  }

  int worker() {
    return worker;
  }

  /** Sends a message, without waiting for it to be read. */
  void send(Line line) {
    outbox.add(line.toString());
  }

  private void write() {
    try (BufferedWriter out = process.outputWriter(StandardCharsets.UTF_8)) {
      while (process.isAlive()) {
        String text = outbox.poll(1, TimeUnit.SECONDS);
        if (text != null) {
          out.write(text);
          out.write('\n');
          out.flush();
        }
      }
    } catch (IOException e) {
      // It has ended, which its output tells.
      LOG.debug("worker {} reads no more", worker + 1, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(Listener listener) {
    try {
      try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
        LineReader lines = new LineReader(in);
        for (String text = lines.next(); text != null; text = lines.next()) {
          Optional<Line> line = Line.parse(text);
          if (line.isPresent()) {
            listener.said(this, line.get());
          } else {
            // Native code that prints by itself, or the Java machine when it crashes.
            keep(text);
          }
        }
      } catch (IOException e) {
        LOG.debug("the output of worker {} broke off", worker + 1, e);
      }
      awaitEnd();
      listener.ended(this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Who says nothing more is of no use, even if it has not ended. */
  private void awaitEnd() throws InterruptedException {
    if (!process.waitFor(STREAMS_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
    // Its last words; children of its own might keep the pipe open.
    errors.join(TimeUnit.SECONDS.toMillis(STREAMS_SECONDS));
  }

  private void readErrors() {
    try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        keep(text);
      }
    } catch (IOException e) {
      LOG.debug("the errors of worker {} broke off", worker + 1, e);
    }
  }

  private void keep(String text) {
    LOG.debug("worker {}: {}", worker + 1, text);
    synchronized (said) {
      said.add(text);
    }
  }

  /** What it wrote last beside messages, in one line; empty if nothing. */
  String lastWords() {
    synchronized (said) {
      return String.join(" | ", said).strip();
    }
  }

  /** How it ended, in words. */
  String end() {
    int code = process.exitValue();
    // What shells and Java say of a process that a signal has ended.
    return code > 128 && code < 160 ? "killed by signal " + (code - 128) : "exit code " + code;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Waits for the end. */
  boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  void kill() {
    process.destroyForcibly();
  }

  /** Whole lines only: what stands behind the last end of line was torn off by a death. */
  private static final class LineReader {
    private final BufferedReader in;

    LineReader(BufferedReader in) {
      this.in = in;
    }

    @Nullable String next() throws IOException {
      StringBuilder text = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '\n') {
          return text.toString();
        }
        text.append((char) c);
      }
      return null;
    }
  }
}
