package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, that do not read, that are too many; and a server that stops. */
class LeavingClientsTest {
  private static final String LONG =
      "'model':'demo','prompt':'Once there was','temperature':0,'ignore_eos':true,'max_tokens':4000";

  @TempDir static Path folder;

  private static Socket ask(ServedDemo demo, String fields) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1 << 12);
    socket.connect(new InetSocketAddress("127.0.0.1", demo.server.port()));
    byte[] body = ("{" + fields + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + body.length
            + "\r\n\r\n";
    OutputStream out = socket.getOutputStream();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
    return socket;
  }

  private static void awaitRunning(ServedDemo demo, int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (demo.generator.running() < count) {
      assertThat(System.nanoTime()).as("nothing runs").isLessThan(end);
      Thread.sleep(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'stream':true", ",'stream':true,'n':3,'temperature':1"})
  void aClientThatGoesStopsItsAnswer(String more) throws Exception {
    String fields = more.contains("temperature") ? LONG.replace("'temperature':0,", "") : LONG;
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL)) {
      Socket socket = ask(demo, fields + more);
      awaitRunning(demo, 1);
      socket.close();
      long began = System.nanoTime();
      demo.awaitQuiet();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
      assertThat(demo.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void soDoesOneThatGoesWhileItsPromptIsScored() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL)) {
      String prompt = "[" + "5,".repeat(3000) + "5]";
      Socket socket =
          ask(
              demo,
              "'model':'org/half','max_tokens':1,'echo':true,'logprobs':1,'prompt':" + prompt);
      awaitRunning(demo, 1);
      socket.close();
      demo.awaitQuiet();
    }
  }

  @Test
  void oneThatReadsNothingIsGivenUp() throws Exception {
    Settings settings = Settings.USUAL.withIdle(Duration.ofMillis(500));
    try (ServedDemo demo = new ServedDemo(folder, settings)) {
      // More than the system holds for a connection.
      Socket socket =
          ask(
              demo,
              LONG.replace("'temperature':0,", "").replace("4000", "1500")
                  + ",'n':16,'logprobs':20,'stream':true");
      awaitRunning(demo, 1);
      long began = System.nanoTime();
      while (demo.server.running() > 0) {
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
        Thread.sleep(10);
      }
      demo.awaitQuiet();
      socket.close();
    }
  }

  @Test
  void requestsThatFollowAtOnceOnOneConnectionAreAllAnswered() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL);
        Socket socket = new Socket("127.0.0.1", demo.server.port())) {
      String body = "{\"prompt\":\"a\"}";
      byte[] request =
          ("POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + "Content-Length: %d\r\n\r\n%s")
              .formatted(body.length(), body)
              .getBytes(StandardCharsets.US_ASCII);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(5000);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < 3000; i++) {
        socket.getOutputStream().write(request);
        assertThat(readThrough(in, "\"max_model_len\":4096}")).as("request %d", i).isTrue();
      }
    }
  }

  /** Reads up to the end of a text; false if it does not come. */
  private static boolean readThrough(InputStream in, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    int next = in.read();
    while (next >= 0) {
      read.append((char) next);
      if (read.length() >= end.length()
          && read.substring(read.length() - end.length()).equals(end)) {
        return true;
      }
      next = in.read();
    }
    return false;
  }

  @Test
  void whatIsTooMuchIsRefusedWith429() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL.withRoom(1, 1))) {
      List<Socket> sockets = new ArrayList<>();
      sockets.add(ask(demo, LONG));
      awaitRunning(demo, 1);
      sockets.add(ask(demo, LONG));
      while (demo.generator.waiting() < 1) {
        Thread.sleep(2);
      }
      Reply refused = demo.completion("'prompt':'Once'");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("retry-after")).isEqualTo("1");
      assertThat(refused.error().get("code").asText()).isEqualTo("rate_limit_exceeded");
      for (Socket socket : sockets) {
        socket.close();
      }
      demo.awaitQuiet();
      assertThat(demo.completion("'prompt':'Once'").status()).isEqualTo(200);
      Reply never = demo.completion("'prompt':['a','b','c']");
      assertThat(never.status()).as("what can never be taken").isEqualTo(400);
      assertThat(never.error().get("param").asText()).isEqualTo("prompt");
      assertThat(demo.completion("'prompt':'a','n':3").error().get("param").asText())
          .isEqualTo("n");
      assertThat(demo.completion("'prompt':['a','b']").status()).isEqualTo(200);
      demo.awaitQuiet();
    }
  }

  @Test
  void anAnswerHasItsTime() {
    Settings settings = Settings.USUAL.withTime(Duration.ofMillis(400));
    try (ServedDemo demo = new ServedDemo(folder, settings)) {
      Reply warm = demo.completion("'prompt':'Once'");
      Reply reply = demo.post("/v1/completions", "{" + LONG + "}");
      assertThat(warm.status()).isIn(200, 504);
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      JsonNode json = reply.json();
      assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("length");
      assertThat(json.at("/kvpress/choices/0/finish").asText()).isEqualTo("time_limit");
      assertThat(json.at("/choices/0/text").asText()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void choicesThatWereWrittenAreTheAnswerWhenTheTimeIsOver(boolean stream) {
    Settings settings = Settings.USUAL.withRoom(1, 8).withTime(Duration.ofSeconds(2));
    try (ServedDemo demo = new ServedDemo(folder, settings)) {
      demo.completion("'prompt':'Once'");
      Reply reply = demo.post("/v1/completions", "{" + LONG + ",'n':3,'stream':" + stream + "}");
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      JsonNode told = stream ? reply.pieces().get(reply.pieces().size() - 1) : reply.json();
      List<JsonNode> ends = new ArrayList<>();
      told.at("/kvpress/choices").forEach(ends::add);
      assertThat(ends).hasSize(3).allMatch(end -> end.get("finish").asText().equals("time_limit"));
      assertThat(ends).anyMatch(end -> end.get("generated_tokens").asInt() > 0);
      assertThat(ends).anyMatch(end -> end.get("generated_tokens").asInt() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatNeverBeganIs504HoweverItWasToCome(boolean stream) {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL.withTime(Duration.ofMillis(1)))) {
      String prompt = "[" + "5,".repeat(3000) + "5]";
      Reply reply = demo.completion("'n':2,'stream':" + stream + ",'prompt':" + prompt);
      assertThat(reply.status()).as(reply.body()).isEqualTo(504);
      assertThat(reply.error().get("code").asText()).isEqualTo("time_limit");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'stream':true"})
  void oneThatClosesHisSendingHalfIsToldThatHeCountsAsGone(String more) throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL)) {
      try (Socket socket = ask(demo, LONG + more)) {
        awaitRunning(demo, 1);
        if (!more.isEmpty()) {
          assertThat(readThrough(socket.getInputStream(), "data: ")).isTrue();
        }
        socket.shutdownOutput();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).contains("\"code\":\"client_closed_request\"").doesNotContain("[DONE]");
        assertThat(answer.startsWith("HTTP/1.1 499 ")).as(answer).isEqualTo(more.isEmpty());
      }
      demo.awaitQuiet();
      if (more.isEmpty()) {
        assertThat(demo.get("/metrics").body())
            .contains("route=\"/v1/completions\",status=\"499\"");
      }
    }
  }

  @Test
  void aBodyThatIsHalfThereWhenTheServerStopsIsAnswered503() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL);
        Socket socket = new Socket("127.0.0.1", demo.server.port())) {
      String head =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Expect: 100-continue\r\nContent-Length: 50\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      // Whoever is told to go on is being read.
      assertThat(readThrough(socket.getInputStream(), "100 Continue\r\n\r\n")).isTrue();
      socket.getOutputStream().write('{');
      demo.server.stop(Duration.ZERO);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 503 ").contains("server_stopping");
    }
  }

  @Test
  void aServerThatStopsEndsAnswersWithWhatThereIs() throws Exception {
    try (ServedDemo demo = new ServedDemo(folder, Settings.USUAL)) {
      CompletableFuture<HttpResponse<String>> whole =
          demo.client.sendAsync(
              demo.request("/v1/completions", ("{" + LONG + "}").replace('\'', '"')).build(),
              HttpResponse.BodyHandlers.ofString());
      awaitRunning(demo, 1);
      try (Socket stream = ask(demo, LONG + ",'stream':true")) {
        // What has begun before it has something by then too.
        assertThat(readThrough(stream.getInputStream(), "data: ")).isTrue();
        demo.server.stop(Duration.ofMillis(100));
        HttpResponse<String> response = whole.get(10, TimeUnit.SECONDS);
        assertThat(response.statusCode()).isEqualTo(200);
        String pieces = new String(stream.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        for (String answer : List.of(response.body(), pieces)) {
          assertThat(answer)
              .contains("\"finish_reason\":\"length\"")
              .contains("\"finish\":\"cancelled\"")
              .contains("the server stops");
        }
        assertThat(pieces).contains("data: [DONE]\n\n");
      }
      demo.awaitQuiet();
    }
  }
}
