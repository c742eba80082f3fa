package dev.kvpress.compare.serve.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.Resources;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kvpress.compare.serve.http.PageFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of the page, and answers its requests as a test says, byte by byte if need be:
 * what a real server does at moments that nobody can choose.
 */
final class FakeServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "txt", "text/plain; charset=utf-8");

  /** How requests for a press are answered. */
  interface Reply {
    void to(Asked asked) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile String models = "";
  private volatile String presses = "";
  private volatile @Nullable String key;

  FakeServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  /** Forgets all that a test has said. */
  void reset(String modelsJson, String pressesJson) {
    models = modelsJson;
    presses = pressesJson;
    key = null;
    replies.clear();
    asked.clear();
  }

  void models(String json) {
    models = json;
  }

  void presses(String json) {
    presses = json;
  }

  void key(String needed) {
    key = needed;
  }

  void reply(String press, Reply reply) {
    replies.put(press, reply);
  }

  /** What was asked, oldest first. */
  List<Asked> asked() {
    return asked;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.startsWith("/v1/")) {
        api(exchange, path);
      } else {
        file(exchange, path.equals("/") ? "index.html" : path.substring(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void api(HttpExchange exchange, String path) throws IOException, InterruptedException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (key != null && !("Bearer " + key).equals(authorization)) {
      json(exchange, 401, error("a key is needed"));
      return;
    }
    if (path.equals("/v1/models")) {
      json(exchange, 200, models);
    } else if (path.equals("/v1/presses")) {
      press(exchange, Optional.ofNullable(exchange.getRequestURI().getQuery()));
    } else {
      JsonNode body = JSON.readTree(exchange.getRequestBody());
      Asked one = new Asked(path, body, exchange);
      asked.add(one);
      replies.get(body.get("press").asText()).to(one);
    }
  }

  private void press(HttpExchange exchange, Optional<String> query) throws IOException {
    if (query.isEmpty()) {
      json(exchange, 200, presses);
    } else if (query.get().equals("spec=knorm(compression_ratio=0.5)")) {
      json(
          exchange,
          200,
          "{'data':[{'summary':'Shortest keys.','follows_ratio':false,'supported':true}]}"
              .replace('\'', '"'));
    } else {
      json(exchange, 400, error("unknown press <b>; known: knorm"));
    }
  }

  static String error(String message) {
    return JSON.createObjectNode()
        .set("error", JSON.createObjectNode().put("message", message))
        .toString();
  }

  private static void json(HttpExchange exchange, int status, String json) throws IOException {
    send(exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void file(HttpExchange exchange, String name) throws IOException {
    URL resource = FakeServer.class.getResource("/serve/page/" + name);
    if (resource == null) {
      json(exchange, 404, error("there is no " + name));
      return;
    }
    exchange.getResponseHeaders().set("Content-Security-Policy", PageFiles.SECURITY_POLICY);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    send(exchange, 200, type, Resources.toByteArray(resource));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** A request of the page, and the way to answer it. */
  static final class Asked {
    private final String path;
    private final JsonNode body;
    private final HttpExchange exchange;
    private boolean begun;

    private Asked(String path, JsonNode body, HttpExchange exchange) {
      this.path = path;
      this.body = body;
      this.exchange = exchange;
    }

    String path() {
      return path;
    }

    JsonNode body() {
      return body;
    }

    void refuse(int status, String message) throws IOException {
      json(exchange, status, error(message));
    }

    void refuseFor(String seconds) throws IOException {
      exchange.getResponseHeaders().set("Retry-After", seconds);
      refuse(429, "too many wait");
    }

    void page(String html) throws IOException {
      send(exchange, 200, "text/html", html.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes at once, as part of a stream of events. */
    void bytes(byte... some) throws IOException {
      if (!begun) {
        begun = true;
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
      }
      exchange.getResponseBody().write(some);
      exchange.getResponseBody().flush();
    }

    void raw(String text) throws IOException {
      bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    void event(JsonNode json) throws IOException {
      raw("data: " + json + "\n\n");
    }
  }
}
