package dev.kvpress.compare.spark;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Lines to the comparison. Whoever has one goes on at once, so that a comparison that syncs its
 * journal does not hold up Spark's scheduler.
 */
final class WireOut implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final Thread writer;

  WireOut(OutputStream raw) {
    OutputStream out = new BufferedOutputStream(raw, 1 << 16);
    writer = new Thread(() -> write(out), "wire");
    writer.setDaemon(true);
    writer.start();
  }

  private void write(OutputStream out) {
    try {
      for (Optional<String> line = lines.take(); line.isPresent(); line = lines.take()) {
        out.write(line.get().getBytes(StandardCharsets.UTF_8));
        out.write('\n');
        if (lines.isEmpty()) {
          out.flush();
        }
      }
      out.flush();
    } catch (IOException e) {
      // Nobody reads: the comparison is gone, which the end of its own lines says too.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a line. */
  void say(String line) {
    lines.add(Optional.of(line));
  }

  void say(WireLine line) {
    say(line.toString());
  }

  /** Waits until all lines are out. */
  @Override
  public void close() {
    lines.add(Optional.empty());
    try {
      writer.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
