package dev.kvpress.compare.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;

/**
 * Says to other machines that results are being written below a URI. The mark there is written anew
 * every few seconds with a higher number; one whose number stays the same for a while belongs to a
 * run that is dead. Clocks of different machines are not compared.
 */
final class OutputClaims implements AutoCloseable {
  private static final String MARK = ".kvpress-run";
  private static final Duration BEAT = Duration.ofSeconds(5);

  /** Several beats: one may be slow. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final Configuration configuration;
  private final String owner = host() + " " + UUID.randomUUID();
  private final Map<String, Integer> beats = new LinkedHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "claims");
            thread.setDaemon(true);
            return thread;
          });

  private final ScheduledFuture<?> beating;

  OutputClaims(Configuration configuration) {
    this.configuration = configuration;
    beating =
        clock.scheduleWithFixedDelay(
            this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }

  /**
   * Claims an output. A mark of another run is watched for a while first.
   *
   * @throws IllegalStateException if another run writes there
   */
  void claim(String uri) {
    Path mark = new Path(uri, MARK);
    try {
      FileSystem files = mark.getFileSystem(configuration);
      requireFolder(files, mark.getParent(), uri);
      Optional<String> other = read(files, mark);
      if (other.isPresent()) {
        TimeUnit.MILLISECONDS.sleep(SILENCE.toMillis());
        if (!read(files, mark).equals(other)) {
          throw taken(uri, other.get());
        }
        files.delete(mark, false);
      }
      // Where the file system can tell, only one of two that come at once gets it.
      try (OutputStream out = files.create(mark, false)) {
        out.write(text(0));
      }
      synchronized (beats) {
        beats.put(uri, 0);
      }
      requireOwn(uri);
    } catch (FileAlreadyExistsException e) {
      throw taken(uri, "");
    } catch (IOException | FSError e) {
      throw FileFault.of("write", uri, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + uri, e);
    }
  }

  /** Looks at the nearest of a folder and those around it that is there. */
  private static void requireFolder(FileSystem files, Path folder, String uri) {
    for (Path around = folder; around != null; around = around.getParent()) {
      try {
        if (!files.getFileStatus(around).isDirectory()) {
          throw new IllegalStateException(
              "--output: expected a folder at %s, found the file %s; give another name"
                  .formatted(uri, around));
        }
        return;
      } catch (FileNotFoundException | ParentNotDirectoryException e) {
        // One further out may be there.
      } catch (IOException e) {
        // Who may not look may write all the same; writing tells.
        return;
      }
    }
  }

  private static IllegalStateException taken(String uri, String mark) {
    String who = mark.isEmpty() ? "" : " on " + mark.substring(0, Math.max(0, mark.indexOf(' ')));
    return new IllegalStateException(
        "--output: another run%s is writing to %s; wait for it or give another folder"
            .formatted(who, uri));
  }

  /**
   * Checks that nobody has taken it for dead and taken over.
   *
   * @throws IllegalStateException if somebody has
   */
  void requireOwn(String uri) {
    synchronized (beats) {
      if (!beats.containsKey(uri)) {
        return;
      }
    }
    Path mark = new Path(uri, MARK);
    try {
      Optional<String> there = read(mark.getFileSystem(configuration), mark);
      if (there.isEmpty() || !there.get().startsWith(owner)) {
        throw taken(uri, there.orElse(""));
      }
    } catch (IOException | FSError e) {
      throw FileFault.of("write", uri, e);
    }
  }

  private byte[] text(int beat) {
    return (owner + " " + beat).getBytes(StandardCharsets.UTF_8);
  }

  private static Optional<String> read(FileSystem files, Path mark) throws IOException {
    try (FSDataInputStream in = files.open(mark)) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private void beat() {
    synchronized (beats) {
      beats.replaceAll(
          (uri, beat) -> {
            Path mark = new Path(uri, MARK);
            try {
              FileSystem files = mark.getFileSystem(configuration);
              Optional<String> there = read(files, mark);
              if (there.isPresent() && there.get().startsWith(owner)) {
                try (OutputStream out = files.create(mark, true)) {
                  out.write(text(beat + 1));
                }
              }
            } catch (IOException | RuntimeException | FSError e) {
              // The next one may get through; before anything is written the mark is looked at.
              System.err.println(uri + ": " + e.getMessage());
            }
            return beat + 1;
          });
    }
  }

  /** Takes its marks away. */
  @Override
  public void close() {
    beating.cancel(false);
    clock.shutdown();
    synchronized (beats) {
      for (String uri : beats.keySet()) {
        Path mark = new Path(uri, MARK);
        try {
          FileSystem files = mark.getFileSystem(configuration);
          if (read(files, mark).orElse("").startsWith(owner)) {
            files.delete(mark, false);
          }
        } catch (IOException | RuntimeException | FSError e) {
          System.err.println(uri + ": " + e.getMessage());
        }
      }
    }
  }
}
