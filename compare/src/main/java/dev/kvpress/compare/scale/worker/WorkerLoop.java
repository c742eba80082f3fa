package dev.kvpress.compare.scale.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's side: takes contexts one after the other until it is told to end. What it is told is
 * read on a thread of its own, so that an end is heard in the middle of a context.
 */
public final class WorkerLoop {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);

  private final PrintStream out;
  private final Runnable halt;
  private final BlockingQueue<Line> inbox = new LinkedBlockingQueue<>();
  private volatile boolean ending;
  private volatile boolean busy;

  /** Goes through a context. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it, or what there is time for.
     *
     * @param context its place in the schedule
     * @param keys of the work that is wanted
     * @return prefills that it took
     */
    int run(int context, List<String> keys);
  }

  /**
   * Begins to listen.
   *
   * @param out nothing but messages may be written there
   * @param halt ends the process at once: whoever gave it work is gone
   */
  public WorkerLoop(InputStream in, PrintStream out, Runnable halt) {
    this.out = out;
    this.halt = halt;
    Thread reader = new Thread(() -> read(in), "orders");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(InputStream in) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        Line.parse(text).ifPresent(this::hear);
      }
    } catch (IOException e) {
      LOG.debug("no orders can be read any more", e);
    }
    halt.run();
  }

  private void hear(Line line) {
    if (line.word().equals(Line.END)) {
      end();
    } else {
      inbox.add(line);
    }
  }

  /** Ends after the piece under way; at once if there is none. */
  public void end() {
    ending = true;
    if (!busy) {
      // Nothing is under way that could be finished, and preparing may take minutes.
      halt.run();
    }
    inbox.add(Line.of(Line.END, Map.of()));
  }

  /**
   * Waits for what it is to work on, which comes first.
   *
   * @throws WorkerException if something else comes
   */
  public Line.Open open() {
    Line first = next();
    return Line.OPEN.equals(first.word())
        ? first
            .content(Line.Open.class)
            .orElseThrow(() -> new WorkerException("the first message is of another version"))
        : refuse(first);
  }

  private static Line.Open refuse(Line first) {
    throw new WorkerException(
        "expected the message open, found '%s'; workers are started by compare --workers"
            .formatted(first.word()));
  }

  /**
   * Works until it is told to end.
   *
   * @param schedule digest of what was prepared
   */
  public void serve(String schedule, Work work) {
    say(Line.of(Line.READY, new Line.Ready(schedule)));
    for (Line line = next(); !line.word().equals(Line.END); line = next()) {
      if (line.word().equals(Line.RUN)) {
        Line.Run run =
            line.content(Line.Run.class)
                .orElseThrow(() -> new WorkerException("an order is of another version"));
        busy = true;
        if (!ending) {
          int prefills = work.run(run.context(), run.keys());
          if (!ending) {
            say(Line.of(Line.FINISHED, new Line.Finished(run.context(), prefills)));
          }
        }
        busy = false;
      }
    }
  }

  /** Says why it cannot go on. */
  public void fault(String message) {
    say(Line.of(Line.FAULT, new Line.Said(message)));
  }

  /** Whether to end after the piece under way. */
  public boolean isEnding() {
    return ending;
  }

  /** Says something; it has left the process when this returns. */
  public synchronized void say(Line line) {
    // One write: a process that is killed leaves a line torn at most.
    out.print(line + "\n");
    out.flush();
  }

  private Line next() {
    try {
      return inbox.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerException("interrupted while waiting for work");
    }
  }
}
