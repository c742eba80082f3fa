package dev.kvpress.compare.bench.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.compare.bench.serve.StreamOutcome.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Reads one stream of server-sent events and looks at the clock; created when it is asked for. */
final class StreamReading {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String DATA = "data:";
  private static final String END = "[DONE]";
  private static final int TOO_MANY = 429;
  private static final int SHOWN = 200;

  private final boolean leaving;
  private final long begun = System.nanoTime();
  private final StringBuilder text = new StringBuilder();
  private final List<Long> gaps = new ArrayList<>();
  private long last;
  private boolean hasText;
  private String finish = "";

  StreamReading(boolean leaving) {
    this.leaving = leaving;
  }

  /** Reads to the end, or to the first piece where the client is one that leaves. */
  StreamOutcome read(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.startsWith(DATA)) {
        // A comment that keeps the connection open, or the blank line behind an event.
        continue;
      }
      String data = line.substring(DATA.length()).trim();
      if (data.equals(END)) {
        return finish.isEmpty()
            ? failed("the stream ended without a finish_reason")
            : outcome(Kind.DONE, finish);
      }
      JsonNode event = MAPPER.readTree(data);
      if (event.has("error")) {
        return failed("within the stream: " + event.at("/error/message").asText());
      }
      take(event);
      if (leaving && hasText) {
        return outcome(Kind.LEFT, "left");
      }
    }
    return failed("the stream broke off");
  }

  /** An answer that is no stream. */
  static StreamOutcome refused(int status, BufferedReader lines) {
    String body = lines.lines().collect(Collectors.joining("\n"));
    return StreamOutcome.without(
        status == TOO_MANY ? Kind.BUSY : Kind.FAILED,
        status + " " + body.substring(0, Math.min(SHOWN, body.length())));
  }

  StreamOutcome failed(String why) {
    return outcome(Kind.FAILED, why);
  }

  private void take(JsonNode event) {
    JsonNode choice = event.at("/choices/0");
    String piece = choice.path("text").asText("");
    if (!piece.isEmpty()) {
      long now = System.nanoTime();
      gaps.add(now - (hasText ? last : begun));
      last = now;
      hasText = true;
      text.append(piece);
    }
    if (choice.path("finish_reason").isTextual()) {
      finish = choice.path("finish_reason").textValue();
    }
  }

  private StreamOutcome outcome(Kind kind, String detail) {
    OptionalLong first = gaps.isEmpty() ? OptionalLong.empty() : OptionalLong.of(gaps.get(0));
    long[] between = gaps.stream().skip(1).mapToLong(Long::longValue).toArray();
    return new StreamOutcome(kind, detail, text.toString(), first, between);
  }
}
