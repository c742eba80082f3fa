package dev.kvpress.compare.scale.spark;

import com.google.common.hash.Hashing;
import dev.kvpress.compare.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Results that belong below a URI. A run works in a folder of this host, which is filled from there
 * before and written there every few minutes and at the end.
 */
public final class RemoteOutput implements AutoCloseable {
  private static final Duration BETWEEN = Duration.ofMinutes(5);
  private static final int NAME_LENGTH = 16;

  private final RemoteFiles files;
  private final String uri;
  private final Path folder;
  private final ScheduledExecutorService clock;
  private final ScheduledFuture<?> writing;

  /**
   * Claims the output and brings what is there.
   *
   * @param cache folder below which the run works
   * @param notices takes remarks
   * @throws UsageException if another run writes there, or nobody can
   */
  public RemoteOutput(RemoteFiles files, String uri, Path cache, Consumer<String> notices) {
    this.files = files;
    this.uri = uri;
    String hash = Hashing.sha256().hashString(uri, StandardCharsets.UTF_8).toString();
    folder = cache.resolve("outputs").resolve(hash.substring(0, NAME_LENGTH));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder, e);
    }
    files.claim(uri);
    files.pull(uri, folder);
    clock =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "output");
              thread.setDaemon(true);
              return thread;
            });
    writing =
        clock.scheduleWithFixedDelay(
            () -> keep(notices), BETWEEN.toMillis(), BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The folder of this host. */
  public Path folder() {
    return folder;
  }

  private void keep(Consumer<String> notices) {
    try {
      files.push(folder, uri);
    } catch (RuntimeException e) {
      // The next time may go well, and the last one says so if it does not.
      notices.accept(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes what was made.
   *
   * @throws UsageException if it cannot be written; it is still in the folder then
   */
  @Override
  public void close() {
    writing.cancel(false);
    clock.shutdown();
    try {
      files.push(folder, uri);
    } catch (RuntimeException e) {
      throw new UsageException(
          List.of("%s; what was done is in %s".formatted(e.getMessage(), folder)));
    }
  }
}
