package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code serve} from its options to its end. */
class ServeCommandTest {
  private static final String DEMO = Path.of("..", "test-data", "models", "demo").toString();
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:([0-9]+)");

  @TempDir Path folder;

  @Test
  void itServesUntilItIsStopped() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    AtomicInteger code = new AtomicInteger(-1);
    Thread server =
        new Thread(
            () ->
                code.set(
                    Main.run(
                        new String[] {
                          "serve",
                          "--model",
                          DEMO,
                          "--port",
                          "0",
                          "--threads",
                          "1",
                          "--press",
                          "h2o(local_window_size=4)",
                          "--compression-ratio",
                          "0.5",
                          "--serve-as",
                          "org/fast=knorm@0.25",
                          "--kv-bits",
                          "4",
                          "--access-log",
                          "--contexts",
                          folder.resolve("contexts").toString(),
                          "--cache-dir",
                          folder.resolve("models").toString(),
                        },
                        System.in,
                        System.out,
                        new PrintStream(err, true, StandardCharsets.UTF_8))));
    server.start();
    try {
      int port = port(err, server);
      HttpClient client = HttpClient.newHttpClient();
      String models = text(client, port, "/v1/models");
      assertThat(models)
          .contains("\"id\":\"demo\"", "\"id\":\"demo:baseline\"", "\"id\":\"org/fast\"")
          .contains(
              "\"press\":\"quantized(h2o(local_window_size=4),bits=4)\",\"compression_ratio\":0.5");
      assertThat(text(client, port, "/v1/presses")).contains("\"supported\":true");
      assertThat(text(client, port, "/v1/models/demo:knorm@0.6"))
          .contains("\"press\":\"quantized(knorm,bits=4)\"");
      Run second =
          Run.of(
              "serve",
              "--model",
              DEMO,
              "--port",
              String.valueOf(port),
              "--cache-dir",
              folder.resolve("models").toString());
      assertThat(second.code()).as(second.err()).isEqualTo(2);
      assertThat(second.err())
          .contains("--port: expected one that is free", String.valueOf(port))
          .doesNotContain("Exception");
    } finally {
      server.interrupt();
      server.join(TimeUnit.SECONDS.toMillis(20));
    }
    assertThat(code.get()).as(err.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(
            "serves demo, press quantized(h2o(local_window_size=4),bits=4) compression_ratio=0.5")
        .containsPattern("INFO dev.kvpress.serve.access: GET /v1/models 200 [0-9]+ ms");
  }

  private static int port(ByteArrayOutputStream err, Thread server) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end && server.isAlive()) {
      Matcher address = ADDRESS.matcher(err.toString(StandardCharsets.UTF_8));
      if (address.find()) {
        return Integer.parseInt(address.group(1));
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no server: " + err.toString(StandardCharsets.UTF_8));
  }

  private static String text(HttpClient client, int port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    HttpResponse<String> response =
        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--host 0.0.0.0             | KVPRESS_API_KEY",
        "--host nowhere.invalid     | --host",
        "--port 70000               | --port",
        "--port x                   | --port",
        "--max-body 2g              | --max-body",
        "--max-tokens 0             | --max-tokens",
        "--time-limit 0             | --time-limit",
        "--queue -1                 | --queue",
        "--concurrency 0            | --concurrency",
        "--allow-host *             | --allow-host",
        "--allow-host a:80          | --allow-host",
        "--concurrency 2 --queue 1 --max-choices 4 | --max-choices",
        "--serve-as x               | --serve-as",
        "--serve-as x=h2o@2         | --serve-as",
        "--serve-as x=h2o           | compression_ratio",
        "--serve-as x=h2p@0.5       | did you mean",
        "--press h2o                | --compression-ratio",
        "--chat-template text       | --chat-template",
        "--name a:b                 | name",
      })
  void whatCannotBeIsSaidAtOnce(String options, String word) {
    String[] all =
        ("serve --port 0 --model " + DEMO + " --cache-dir " + folder + " " + options).split(" +");
    Run run = Run.of(all);
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(word);
  }
}
