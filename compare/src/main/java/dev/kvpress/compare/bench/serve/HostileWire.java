package dev.kvpress.compare.bench.serve;

import dev.kvpress.compare.bench.serve.HostileRequest.Manner;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Requests that break HTTP or the rules of the house: heads, lengths, methods, hosts, half bodies.
 */
final class HostileWire {
  private static final int FLOOD = 5000;
  private static final int LONG = 1 << 20;
  // Each of these holds a connection until the server's patience ends.
  private static final int WAITING = 10;

  private static final long HUGE = 1L << 40;

  private static final String JSON = "Content-Type: application/json\r\n";

  /** Whole heads, of which none is right. */
  private static final List<String> HEADS =
      List.of(
          "POST /v1/completions HTTP/9.9\r\nHost: localhost\r\n\r\n",
          "POST /v1/completions\r\n\r\n",
          "POST\r\n\r\n",
          " / HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nA\u0000b: c\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
              + JSON
              + "Transfer-Encoding: chunked\r\n\r\nno size\r\n{}\r\n0\r\n\r\n",
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n"
              + JSON
              + "Transfer-Encoding: sideways\r\nContent-Length: 2\r\n\r\n{}",
          "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/models/none HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/completions HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "DELETE /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "PUT /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
          "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "BREW /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n");

  /** Lines of a head that make a right body unwelcome. */
  private static final List<String> UNWELCOME =
      List.of(
          "Content-Type: text/plain\r\n",
          "Content-Type: application/x-www-form-urlencoded\r\n",
          "Content-Type: multipart/form-data; boundary=x\r\n",
          "Content-Type: application/json; charset=utf-16\r\n",
          "",
          JSON + "Content-Encoding: gzip\r\n",
          JSON + "Origin: http://elsewhere.example\r\n");

  private HostileWire() {}

  static HostileRequest head(Random random, String model) {
    return raw("broken head", HostileBodies.pick(HEADS, random), Manner.CUT);
  }

  static HostileRequest noise(Random random, String model) {
    byte[] bytes = new byte[random.nextInt(1, 4096)];
    random.nextBytes(bytes);
    return new HostileRequest("noise", bytes, Manner.CUT);
  }

  static HostileRequest flood(Random random, String model) {
    StringBuilder head = new StringBuilder("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n");
    switch (random.nextInt(3)) {
      case 0 -> {
        for (int i = 0; i < FLOOD; i++) {
          head.append("X-Flood-").append(i).append(": ").append(i).append("\r\n");
        }
      }
      case 1 -> head.append("X-Long: ").append("x".repeat(LONG)).append("\r\n");
      default -> head.insert("GET /v1/models".length(), "?q=" + "x".repeat(LONG));
    }
    return raw("flood of headers", head.append("\r\n").toString(), Manner.WHOLE);
  }

  static HostileRequest unwelcome(Random random, String model) {
    String body = HostileBodies.completion(model, "max_tokens", "2");
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + HostileBodies.pick(UNWELCOME, random)
            + "Content-Length: %d\r\n\r\n".formatted(body.length());
    return raw("unwelcome type or origin", head + body, Manner.WHOLE);
  }

  /** The head tells more than comes. */
  static HostileRequest cut(Random random, String model) {
    Manner manner = random.nextBoolean() ? Manner.CUT : Manner.DROPPED;
    return partly(random, "cut body", model, manner);
  }

  /** A body that comes in crumbs and never ends; in few of them the client goes on waiting. */
  static HostileRequest slow(Random random, String model) {
    Manner manner = random.nextInt(WAITING) == 0 ? Manner.STALLED : Manner.SLOW;
    return partly(random, "slow body", model, manner);
  }

  /** A body larger than any that is allowed; a small part of it is sent. */
  static HostileRequest huge(Random random, String model) {
    byte[] body = new byte[random.nextInt(LONG)];
    return new HostileRequest(
        "huge body", HostileRequest.post(HostileBodies.COMPLETIONS, HUGE, body), Manner.CUT);
  }

  private static HostileRequest partly(Random random, String kind, String model, Manner manner) {
    byte[] body =
        HostileBodies.completion(model, "max_tokens", "2").getBytes(StandardCharsets.UTF_8);
    byte[] sent = Arrays.copyOf(body, random.nextInt(body.length));
    return new HostileRequest(
        kind, HostileRequest.post(HostileBodies.COMPLETIONS, body.length, sent), manner);
  }

  private static HostileRequest raw(String kind, String text, Manner manner) {
    return new HostileRequest(kind, text.getBytes(StandardCharsets.ISO_8859_1), manner);
  }
}
