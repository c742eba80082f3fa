package dev.kvpress.compare.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileRunTest {
  private static final String ERROR = "{\"error\":{\"message\":\"no\",\"type\":\"wrong\"}}";
  private static final int ONE_OF_EACH = 38;

  @Test
  void aSeedMakesTheSameRequestsAndAnotherSeedOthers() {
    for (int i = 0; i < ONE_OF_EACH; i++) {
      assertThat(HostileRequests.numbered(i, 3, "m").bytes())
          .isEqualTo(HostileRequests.numbered(i, 3, "m").bytes());
    }
    assertThat(IntStream.range(0, ONE_OF_EACH))
        .anyMatch(
            i ->
                !Arrays.equals(
                    HostileRequests.numbered(i, 3, "m").bytes(),
                    HostileRequests.numbered(i, 4, "m").bytes()));
  }

  @Test
  void allKindsComeInTurn() {
    assertThat(
            IntStream.range(0, ONE_OF_EACH)
                .mapToObj(i -> HostileRequests.numbered(i, 0, "m").kind())
                .map(kind -> kind.startsWith("wrong ") ? "wrong" : kind)
                .distinct())
        .contains(
            "no JSON request",
            "wrong",
            "a field twice",
            "deep nesting",
            "ids beyond the vocabulary",
            "too much to read",
            "a number of many digits",
            "no UTF-8",
            "broken head",
            "noise",
            "flood of headers",
            "unwelcome type or origin",
            "cut body",
            "slow body",
            "huge body");
  }

  @ParameterizedTest
  @CsvSource({
    "400, true",
    "431, true",
    "200, false",
    "302, false",
    "500, false",
    "503, false",
  })
  void onlyStatusesFromFourHundredAreRefusals(int status, boolean isRefusal) {
    assertThat(answer(status, ERROR).fault().isEmpty()).isEqualTo(isRefusal);
  }

  @Test
  void aRefusalTellsNothingOfTheInside() {
    assertThat(answer(400, ERROR.replace("no", "at Foo.java:12")).fault()).isPresent();
    assertThat(answer(400, ERROR.replace("no", "NullPointerException")).fault()).isPresent();
    assertThat(answer(404, "<html>nothing here</html>").fault()).isPresent();
    assertThat(answer(400, "{\"error\":\"no\"}").fault()).isPresent();
    assertThat(answer(400, "{\"error\":{\"message\":\"no\"").fault()).isPresent();
  }

  @Test
  void closingIsAnAnswerAndSilenceIsNone() {
    assertThat(new RawAnswer("", true).fault()).isEmpty();
    assertThat(new RawAnswer("", false).fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("neither"));
  }

  @Test
  void answersAreReadAlsoWhereTheConnectionStaysOpen() throws Exception {
    HostileRequest request = HostileRequest.body("x", "/", "{}");
    try (OneAnswer server = new OneAnswer(answer(400, ERROR).text(), true)) {
      RawAnswer answer = new RawExchange(server.address(), Duration.ofSeconds(10)).send(request);
      assertThat(answer.status()).hasValue(400);
      assertThat(answer.isClosed()).isFalse();
      assertThat(answer.fault()).isEmpty();
    }
  }

  @Test
  void aServerThatSaysNothingIsFoundOut() throws Exception {
    HostileRequest request = HostileRequest.body("x", "/", "{}");
    try (OneAnswer server = new OneAnswer("", true)) {
      RawAnswer answer = new RawExchange(server.address(), Duration.ofMillis(200)).send(request);
      assertThat(answer.label()).isEqualTo("no answer");
      assertThat(answer.fault()).isPresent();
    }
  }

  @Test
  void aServerThatAnswersEverythingIsReported() throws Exception {
    try (FakeEndpoint endpoint = new FakeEndpoint(events -> events, 0)) {
      CompletionClient client = new CompletionClient(endpoint.url(), Optional.empty());
      LoadRequest right = new LoadRequest("fake", "right", 4, 0, 0);
      HostileReport report = new HostileRun(endpoint.url(), client, right).run(4, 0);
      assertThat(report.sent()).isEqualTo(4);
      assertThat(report.lost()).isEmpty();
      assertThat(report.checks().get(0).isMet()).isFalse();
      assertThat(report.table()).contains("4 hostile requests", "times");
    }
  }

  private static RawAnswer answer(int status, String body) {
    String head = "HTTP/1.1 %d Some\r\nContent-Length: %d\r\n\r\n".formatted(status, body.length());
    return new RawAnswer(head + body, true);
  }

  /** Takes one connection, reads what has come, and answers, or not. */
  private static final class OneAnswer implements AutoCloseable {
    private final ServerSocket listening;

    OneAnswer(String text, boolean staysOpen) throws IOException {
      listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      Thread thread = new Thread(() -> answer(text, staysOpen), "one-answer");
      thread.setDaemon(true);
      thread.start();
    }

    InetSocketAddress address() {
      return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }

    private void answer(String text, boolean staysOpen) {
      try (Socket socket = listening.accept()) {
        InputStream in = socket.getInputStream();
        in.read(new byte[1 << 16]);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        while (staysOpen && in.read() >= 0) {
          // Until the client goes.
        }
      } catch (IOException e) {
        // The test is over.
      }
    }
  }
}
