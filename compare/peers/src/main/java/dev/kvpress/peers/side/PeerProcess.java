package dev.kvpress.peers.side;

import dev.kvpress.compare.bench.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs one side as a process with a time limit and reads its figures. */
public final class PeerProcess {
  private static final int SHOWN_CHARACTERS = 2000;

  private PeerProcess() {}

  /**
   * Runs to the end or to the limit.
   *
   * @param command program and arguments; it prints a line of {@link Figures}
   * @throws IOException if it fails, takes too long or says nothing; with the end of what it said
   */
  public static Figures run(List<String> command, Duration limit) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      CompletableFuture<String> said =
          CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      process.destroyForcibly();
      String output = said.join();
      if (!ended) {
        throw new IOException(
            "not done after %d s; it said: …%s".formatted(limit.toSeconds(), end(output)));
      }
      Optional<String> line =
          output.lines().filter(l -> l.startsWith(Figures.MARK)).reduce((first, last) -> last);
      if (process.exitValue() != 0 || line.isEmpty()) {
        throw new IOException(
            "ended with exit code %d and said: …%s".formatted(process.exitValue(), end(output)));
      }
      return Figures.parse(line.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a measurement was running", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String end(String output) {
    return output.substring(Math.max(0, output.length() - SHOWN_CHARACTERS));
  }

  private static String text(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "its output could not be read: " + e.getMessage();
    }
  }
}
