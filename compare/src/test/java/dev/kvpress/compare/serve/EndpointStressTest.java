package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much at once, and much that is wrong. */
@Tag("stress")
class EndpointStressTest {
  private static final int SEED = 20261127;
  private static final int HOSTILE = 2000;
  private static final int STREAMS = 200;
  private static final String VALID =
      "{\"model\":\"demo\",\"prompt\":\"Once there was\",\"temperature\":0,\"max_tokens\":3,\"n\":1,"
          + "\"stop\":[\"x\"],\"logit_bias\":{\"5\":1.5},\"stream\":false,\"seed\":7}";

  @TempDir static Path folder;

  @Test
  void whateverComesIsAnsweredOrClosedAndTheServerGoesOn() throws Exception {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    Settings settings = Settings.USUAL.withIdle(Duration.ofMillis(300));
    try (ServedDemo demo = new ServedDemo(folder, settings)) {
      for (int i = 0; i < HOSTILE; i++) {
        byte[] sent = altered(random);
        String answer = exchange(demo, sent);
        String what = "request %d: %s".formatted(i, new String(sent, StandardCharsets.ISO_8859_1));
        if (!answer.isEmpty() && !answer.startsWith("HTTP/1.1 200 ")) {
          assertThat(answer).as(what).matches("(?s)HTTP/1\\.1 4\\d\\d .*");
          assertThat(answer).as(what).contains("{\"error\":{\"message\":");
        }
        assertThat(answer).as(what).doesNotContain("\tat ", "Exception");
      }
      demo.awaitQuiet();
      assertThat(demo.completion("'prompt':'Once there was'").status()).isEqualTo(200);
    }
  }

  /** A request with some bytes changed, taken out, doubled or cut off, in head or body. */
  private static byte[] altered(Random random) {
    String body = VALID;
    String head =
        "POST /v1/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                .formatted(random.nextInt(4) == 0 ? "chat/completions" : "completions")
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n";
    byte[] bytes =
        (random.nextInt(3) == 0 ? alter(head, random) + body : head + alter(body, random))
            .getBytes(StandardCharsets.ISO_8859_1);
    return bytes;
  }

  private static String alter(String text, Random random) {
    StringBuilder changed = new StringBuilder(text);
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && changed.length() > 0; i++) {
      int at = random.nextInt(changed.length());
      switch (random.nextInt(5)) {
        case 0 -> changed.setCharAt(at, (char) random.nextInt(256));
        case 1 -> changed.deleteCharAt(at);
        case 2 -> changed.insert(at, changed.substring(at, Math.min(changed.length(), at + 9)));
        case 3 -> changed.setLength(at);
        default -> changed.insert(at, "9".repeat(1 + random.nextInt(300)));
      }
    }
    return changed.toString();
  }

  private static String exchange(ServedDemo demo, byte[] sent) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", demo.server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(sent);
      byte[] buffer = new byte[1 << 16];
      int length = socket.getInputStream().read(buffer);
      return length < 0 ? "" : new String(buffer, 0, length, StandardCharsets.UTF_8);
    } catch (SocketException e) {
      // Closed while it was still being sent, or before it was read.
      return "";
    }
  }

  @Test
  void twoHundredStreamsAtOnceAreWhatEachIsAlone() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL.withRoom(8, 256))) {
      List<String> prompts = List.of("Once there was", "Mara kept the red key", "The river");
      List<String> alone = new ArrayList<>();
      for (String prompt : prompts) {
        Reply reply = demo.completion("'prompt':'" + prompt + "','ignore_eos':true");
        alone.add(reply.json().at("/choices/0/text").asText());
      }
      demo.awaitQuiet();
      long before = demo.generator.cacheBytes();
      List<CompletableFuture<HttpResponse<String>>> streams = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        String body =
            "{'model':'demo','temperature':0,'max_tokens':8,'ignore_eos':true,'stream':true,'prompt':'%s'}"
                .formatted(prompts.get(i % prompts.size()))
                .replace('\'', '"');
        streams.add(
            demo.client.sendAsync(
                demo.request("/v1/completions", body).build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      for (int i = 0; i < STREAMS; i++) {
        HttpResponse<String> response = streams.get(i).get(120, TimeUnit.SECONDS);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        StringBuilder text = new StringBuilder();
        new Reply(200, response, response.body())
            .pieces()
            .forEach(piece -> text.append(piece.at("/choices/0/text").asText()));
        assertThat(text.toString()).isEqualTo(alone.get(i % prompts.size()));
      }
      demo.awaitQuiet();
      assertThat(demo.generator.cacheBytes()).isEqualTo(before);
    }
  }
}
