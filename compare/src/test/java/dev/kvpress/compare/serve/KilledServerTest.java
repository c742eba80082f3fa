package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.saved.SavedContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed while it stores contexts leaves whole files or none. */
@Tag("stress")
class KilledServerTest {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:([0-9]+)");
  private static final int KILLS = 4;

  @TempDir Path folder;

  @Test
  void storedContextsAreWholeOrAbsent() throws Exception {
    Path contexts = folder.resolve("contexts");
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(contexts);
      try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
        int port = port(err);
        Thread asking = new Thread(() -> ask(port));
        asking.start();
        // Somewhere in the middle of writing, another place each time.
        Thread.sleep(700 + 130L * kill);
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        asking.join(TimeUnit.SECONDS.toMillis(20));
      }
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(contexts.resolve("by-key"))) {
      files = all.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
    assertThat(files).isNotEmpty();
    files.forEach(SavedContext::open);
  }

  private Process start(Path contexts) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.kvpress.compare.cli.Main",
            "serve",
            "--model",
            ServedDemo.MODEL.toString(),
            "--port",
            "0",
            "--threads",
            "1",
            "--cache-dir",
            folder.resolve("models").toString(),
            "--contexts",
            contexts.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static int port(BufferedReader err) throws IOException {
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        return Integer.parseInt(address.group(1));
      }
    }
    throw new AssertionError("the server did not start");
  }

  /** Stores one context after the other, until nobody answers any more. */
  private static void ask(int port) {
    HttpClient client = HttpClient.newHttpClient();
    try {
      for (int i = 0; ; i++) {
        String body =
            "{\"model\":\"demo:knorm@0.3\",\"prompt\":\" Who?\",\"max_tokens\":1,\"prompt_cache_key\":\"%d\",\"context\":\"%s\"}"
                .formatted(i % 20, "Mara kept the red key. ".repeat(40 + i % 7));
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.discarding());
      }
    } catch (IOException e) {
      // Killed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
