package dev.kvpress.compare.bench.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Asks a server for completions, at once or as server-sent events; for any number of threads. */
final class CompletionClient {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;
  private final Optional<String> key;

  /**
   * Nothing is sent yet.
   *
   * @param key bearer token, where the server wants one
   */
  CompletionClient(URI server, Optional<String> key) {
    this.server = server;
    this.key = key;
  }

  /** What stands at a path, as text. */
  String get(String path) throws IOException, InterruptedException {
    HttpRequest request = request(path).GET().build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    return checked(path, answer);
  }

  /** Name of the first model that the server lists. */
  String firstModel() throws IOException, InterruptedException {
    JsonNode id = MAPPER.readTree(get("/v1/models")).at("/data/0/id");
    if (!id.isTextual()) {
      throw new IOException("/v1/models lists no model");
    }
    return id.textValue();
  }

  /** The text of an answer that comes whole. */
  String whole(LoadRequest asked) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(post(asked, false), HttpResponse.BodyHandlers.ofString());
    JsonNode text = MAPPER.readTree(checked("/v1/completions", answer)).at("/choices/0/text");
    if (!text.isTextual()) {
      throw new IOException("an answer without choices[0].text: " + answer.body());
    }
    return text.textValue();
  }

  /**
   * A streamed answer.
   *
   * @param leaving whether to go away behind the first piece
   */
  StreamOutcome streamed(LoadRequest asked, boolean leaving) throws InterruptedException {
    StreamReading reading = new StreamReading(leaving);
    try {
      HttpResponse<InputStream> answer =
          http.send(post(asked, true), HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        return answer.statusCode() == 200
            ? reading.read(lines)
            : StreamReading.refused(answer.statusCode(), lines);
      }
    } catch (IOException e) {
      return reading.failed(String.valueOf(e.getMessage()));
    }
  }

  private HttpRequest post(LoadRequest asked, boolean stream) {
    return request("/v1/completions")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(asked.body(stream)))
        .build();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path)).timeout(LIMIT);
    key.ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private static String checked(String path, HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() != 200) {
      throw new IOException(
          "%s answered %d: %s".formatted(path, answer.statusCode(), answer.body()));
    }
    return answer.body();
  }
}
