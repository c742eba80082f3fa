package dev.kvpress.compare.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import dev.kvpress.compare.serve.answer.Answers;
import dev.kvpress.compare.serve.answer.Client;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRouting;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Which address leads where. */
final class Routes {
  private static final String HEALTH = "/health";
  private static final String ROOT = "/";
  private static final String INDEX = "index.html";
  private static final String MODELS = "/v1/models/";
  private static final String SPEC = "spec";
  private static final int NO_CONTENT = 204;

  private final Answers answers;
  private final Exchanges exchanges;
  private final PageFiles page;
  private final PrometheusMeterRegistry registry;
  private final Set<String> fixed = new HashSet<>();

  Routes(Answers answers, Exchanges exchanges, PageFiles page, PrometheusMeterRegistry registry) {
    this.answers = answers;
    this.exchanges = exchanges;
    this.page = page;
    this.registry = registry;
  }

  /** Paths that need no key: whether the server is there, and the page, which asks for the key. */
  Set<String> open() {
    ImmutableSet.Builder<String> open = ImmutableSet.builder();
    open.add(HEALTH, ROOT);
    page.files().keySet().forEach(name -> open.add(ROOT + name));
    return open.build();
  }

  /** The route of a path, whatever became of the request: one name for all models. */
  String of(String path) {
    if (path.startsWith(MODELS)) {
      return MODELS + "<id>";
    }
    boolean known = fixed.contains(path) || open().contains(path);
    return known ? path : "unknown";
  }

  void addTo(JavalinDefaultRouting app) {
    get(app, HEALTH, context -> json(context, JsonText.object().put("status", "ok")));
    get(app, "/metrics", this::metrics);
    read(app, "/v1/models", Set.of(), context -> answers.models().list());
    read(app, MODELS + "<id>", Set.of(), context -> answers.models().one(context.pathParam("id")));
    read(
        app,
        "/v1/presses",
        Set.of(SPEC),
        context -> answers.presses(Optional.ofNullable(context.queryParam(SPEC))));
    read(app, "/tokenizer_info", Set.of(), context -> answers.tokenizer());
    post(app, "/v1/completions", answers::completion);
    post(app, "/v1/chat/completions", answers::chat);
    post(app, "/tokenize", answers::tokenize);
    post(app, "/detokenize", answers::detokenize);
    page.files()
        .forEach(
            (name, file) ->
                get(app, ROOT + (name.equals(INDEX) ? "" : name), context -> file(context, file)));
  }

  private void read(
      JavalinDefaultRouting app,
      String path,
      Set<String> parameters,
      Function<Context, JsonNode> answer) {
    get(
        app,
        path,
        context -> {
          requireParameters(context, parameters);
          json(context, answer.apply(context));
        });
  }

  /** What stands behind the path is as strict as the fields of a body. */
  private static void requireParameters(Context context, Set<String> known) {
    context
        .queryParamMap()
        .forEach(
            (name, values) -> {
              String shown = JsonText.shortened(name);
              if (!known.contains(name)) {
                throw ApiException.unsupported(
                    shown,
                    "%s: expected %s behind the path, found this parameter; leave it out"
                        .formatted(shown, known.isEmpty() ? "nothing" : String.join(", ", known)));
              }
              if (values.size() > 1) {
                throw ApiException.field(
                    shown, "%s: expected once, found %d times".formatted(shown, values.size()));
              }
            });
  }

  private void get(JavalinDefaultRouting app, String path, Handler handler) {
    fixed.add(path);
    app.get(path, handler);
    app.head(path, handler);
    app.options(path, context -> allow(context, "GET, HEAD, OPTIONS"));
  }

  private void post(JavalinDefaultRouting app, String path, BiConsumer<byte[], Client> answerer) {
    fixed.add(path);
    app.post(
        path,
        context -> {
          requireParameters(context, Set.of());
          exchanges.handle(context, answerer::accept);
        });
    app.options(path, context -> allow(context, "POST, OPTIONS"));
  }

  private static void allow(Context context, String methods) {
    context.status(NO_CONTENT);
    context.header("Allow", methods);
  }

  private static void json(Context context, JsonNode answer) {
    context.contentType("application/json");
    context.result(JsonText.bytes(answer));
  }

  private void metrics(Context context) {
    context.contentType("text/plain; version=0.0.4; charset=utf-8");
    context.result(registry.scrape());
  }

  private static void file(Context context, PageFiles.PageFile file) {
    context.header("Content-Security-Policy", PageFiles.SECURITY_POLICY);
    context.header("Cache-Control", "no-cache");
    context.contentType(file.type());
    context.result(file.bytes());
  }
}
