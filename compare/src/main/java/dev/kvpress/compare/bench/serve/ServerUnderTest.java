package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server that is measured: one that runs already, or a child process that ends with this. */
final class ServerUnderTest implements AutoCloseable {
  private static final Pattern URL = Pattern.compile("http://[^\\s/]+:\\d+");
  private static final String VECTORS = "jdk.incubator.vector";
  private static final int START_SECONDS = 120;
  private static final int STOP_SECONDS = 60;

  private final URI url;
  private final OptionalLong pid;
  private final @Nullable Process process;

  private ServerUnderTest(URI url, OptionalLong pid, @Nullable Process process) {
    this.url = url;
    this.pid = pid;
    this.process = process;
  }

  /**
   * One that runs.
   *
   * @param pid its process, where its resident memory is wanted
   */
  static ServerUnderTest found(URI url, OptionalLong pid) throws IOException {
    Loopback.of(url);
    return new ServerUnderTest(url, pid, null);
  }

  /**
   * Starts {@code compare serve} on a free port in a fresh Java machine of the same class path.
   *
   * @param heap its size, in the notation of {@code -Xmx}; all its pages are taken at the start
   * @param options further options of the Java machine
   * @param arguments of the command, without host and port
   * @throws IOException if it ends before it says where it listens, or says nothing in time
   */
  static ServerUnderTest started(String heap, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:+UseSerialGC", "-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch"));
    Optional.ofNullable(System.getProperty("kvpress.home"))
        .ifPresent(home -> command.add("-Dkvpress.home=" + home));
    if (ModuleLayer.boot().findModule(VECTORS).isPresent()) {
      command.addAll(List.of("--add-modules", VECTORS));
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.add("serve");
    command.addAll(arguments);
    command.addAll(List.of("--port", "0"));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try {
      URI url = URI.create(announced(process));
      Loopback.of(url);
      return new ServerUnderTest(url, OptionalLong.of(process.pid()), process);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Where it listens, without a slash at the end. */
  URI url() {
    return url;
  }

  /** Its process, if known. */
  OptionalLong pid() {
    return pid;
  }

  /** Whether a child still runs; of a server that was found nothing is known but its answers. */
  boolean isRunning() {
    return process == null || process.isAlive();
  }

  /** Asks a child to stop, and waits for it. */
  @Override
  public void close() throws IOException {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            "the server did not stop within %d s of SIGTERM and was killed"
                .formatted(STOP_SECONDS));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static String announced(Process process) throws IOException {
    CompletableFuture<String> url = new CompletableFuture<>();
    Thread reader = new Thread(() -> passOn(process, url), "bench-server-messages");
    reader.setDaemon(true);
    reader.start();
    try {
      return url.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the server did not say where it listens within %d s".formatted(START_SECONDS), e);
    } catch (ExecutionException e) {
      throw new IOException("the server did not start; its message stands above", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the server was starting", e);
    }
  }

  /** Passes on what the server says, so that its pipe never fills, and looks for the URL. */
  private static void passOn(Process process, CompletableFuture<String> url) {
    try (BufferedReader messages = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = messages.readLine(); line != null; line = messages.readLine()) {
        System.err.println("  server: " + line);
        Matcher found = URL.matcher(line);
        if (found.find()) {
          url.complete(found.group());
        }
      }
      url.completeExceptionally(new IOException("it ended"));
    } catch (IOException e) {
      url.completeExceptionally(e);
    }
  }
}
