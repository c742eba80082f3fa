package dev.kvpress.compare.bench.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An endpoint that says each prompt backwards, two letters at a time, or goes wrong as told. */
final class FakeEndpoint implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final UnaryOperator<List<String>> events;
  private final int busyEvery;
  private final AtomicInteger streams = new AtomicInteger();

  /**
   * Starts it on a free port.
   *
   * @param events changes the data of the events of a stream
   * @param busyEvery every so many streams are answered 429; 0: none
   */
  FakeEndpoint(UnaryOperator<List<String>> events, int busyEvery) throws IOException {
    this.events = events;
    this.busyEvery = busyEvery;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/completions", this::complete);
    server.createContext(
        "/v1/models", exchange -> send(exchange, 200, "{\"data\":[{\"id\":\"fake\"}]}"));
    server.createContext(
        "/metrics",
        exchange ->
            send(
                exchange,
                200,
                "jvm_memory_used_bytes{area=\"heap\",id=\"a\"} 1.0E6\n"
                    + "jvm_memory_used_bytes{area=\"heap\",id=\"b\"} 2.0E6\n"
                    + "jvm_memory_used_bytes{area=\"nonheap\",id=\"c\"} 9.0E6\n"
                    + "jvm_threads_live_threads 12.0\n"));
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void complete(HttpExchange exchange) throws IOException {
    JsonNode body = MAPPER.readTree(exchange.getRequestBody());
    String answer = new StringBuilder(body.path("prompt").asText()).reverse().toString();
    if (!body.path("stream").asBoolean()) {
      String text = MAPPER.writeValueAsString(answer);
      send(exchange, 200, "{\"choices\":[{\"text\":%s}]}".formatted(text));
    } else if (busyEvery > 0 && streams.incrementAndGet() % busyEvery == 0) {
      send(exchange, 429, "{\"error\":{\"message\":\"busy\",\"type\":\"rate\"}}");
    } else {
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        for (String event : events.apply(events(answer))) {
          out.write((": alive\n\ndata: " + event + "\n\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
        }
      }
    }
  }

  private static List<String> events(String answer) throws IOException {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < answer.length(); i += 2) {
      String piece = answer.substring(i, Math.min(answer.length(), i + 2));
      events.add("{\"choices\":[{\"text\":%s}]}".formatted(MAPPER.writeValueAsString(piece)));
    }
    events.add("{\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}");
    events.add("[DONE]");
    return events;
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
