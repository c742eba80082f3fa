package dev.kvpress.compare.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import dev.kvpress.compare.serve.answer.Answers;
import dev.kvpress.compare.serve.answer.Client;
import dev.kvpress.compare.serve.wire.JsonText;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRouting;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Which address leads where. */
final class Routes {
  private static final String HEALTH = "/health";
  private static final String ROOT = "/";
  private static final String INDEX = "index.html";
  private static final int NO_CONTENT = 204;

  private final Answers answers;
  private final Exchanges exchanges;
  private final PageFiles page;
  private final PrometheusMeterRegistry registry;

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

  void addTo(JavalinDefaultRouting app) {
    get(app, HEALTH, context -> json(context, JsonText.object().put("status", "ok")));
    get(app, "/metrics", this::metrics);
    get(app, "/v1/models", context -> json(context, answers.models().list()));
    get(
        app,
        "/v1/models/<id>",
        context -> json(context, answers.models().one(context.pathParam("id"))));
    get(
        app,
        "/v1/presses",
        context -> json(context, answers.presses(Optional.ofNullable(context.queryParam("spec")))));
    get(app, "/tokenizer_info", context -> json(context, answers.tokenizer()));
    post(app, "/v1/completions", answers::completion);
    post(app, "/v1/chat/completions", answers::chat);
    post(app, "/tokenize", answers::tokenize);
    post(app, "/detokenize", answers::detokenize);
    page.files()
        .forEach(
            (name, file) ->
                get(app, ROOT + (name.equals(INDEX) ? "" : name), context -> file(context, file)));
  }

  private static void get(JavalinDefaultRouting app, String path, Handler handler) {
    app.get(path, handler);
    app.head(path, handler);
    app.options(path, context -> allow(context, "GET, HEAD, OPTIONS"));
  }

  private void post(JavalinDefaultRouting app, String path, BiConsumer<byte[], Client> answerer) {
    app.post(path, context -> exchanges.handle(context, answerer::accept));
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
