package dev.kvpress.compare.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.serve.ServedDemo.Reply;
import dev.kvpress.compare.serve.ServedDemo.Settings;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and what stands where. */
class GuardTest {

  @TempDir static Path folder;
  private static ServedDemo demo;

  @BeforeAll
  static void start() {
    demo = new ServedDemo(folder, Settings.USUAL.withKey("s3cret"));
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  private static HttpRequest.Builder with(String path, String authorization) {
    return HttpRequest.newBuilder(demo.uri(path)).header("Authorization", authorization);
  }

  private static Reply get(String path) {
    return demo.send(with(path, "Bearer s3cret"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models",
        "/v1/models/demo",
        "/v1/presses",
        "/metrics",
        "/tokenizer_info",
        "/nothing"
      })
  void nothingIsToldWithoutTheKey(String path) {
    for (Reply reply :
        new Reply[] {
          demo.get(path),
          demo.send(with(path, "Bearer s3cre")),
          demo.send(with(path, "Bearer s3cret2")),
          demo.send(with(path, "Bearer")),
          demo.send(with(path, "Basic s3cret"))
        }) {
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.header("www-authenticate")).isEqualTo("Bearer");
      assertThat(reply.error().get("code").asText()).isEqualTo("invalid_api_key");
      assertThat(reply.body()).doesNotContain("s3cret");
    }
    Reply post = demo.completion("'prompt':'x'");
    assertThat(post.status()).isEqualTo(401);
  }

  @Test
  void theKeyOpensAndHealthAndPageNeedNone() {
    assertThat(get("/v1/models").status()).isEqualTo(200);
    assertThat(demo.send(with("/v1/models", "bearer  s3cret ")).status()).isEqualTo(200);
    assertThat(demo.get("/health").json().get("status").asText()).isEqualTo("ok");
    Reply page = demo.get("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("content-type")).isEqualTo("text/html;charset=utf-8");
    assertThat(page.header("content-security-policy")).contains("default-src 'none'");
    assertThat(page.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(page.header("referrer-policy")).isEqualTo("no-referrer");
    assertThat(demo.get("/page.css").header("content-type")).startsWith("text/css");
    assertThat(demo.get("/page.js").header("content-type")).startsWith("text/javascript");
    assertThat(get("/../pom.xml").status()).isEqualTo(400);
    assertThat(get("/%2e%2e/pom.xml").status()).isIn(400, 404);
    assertThat(get("/page/page.css").status()).isEqualTo(404);
    assertThat(get("/index.html").status()).isEqualTo(404);
    assertThat(page.header("access-control-allow-origin")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "http://evil.example, , 403",
    "null, , 403",
    ", cross-site, 403",
    ", same-site, 403",
    ", same-origin, 200",
    "SELF, same-origin, 200",
    "https://127.0.0.1, , 403",
    ", , 200",
  })
  void pagesOfOtherSitesGetNoAnswer(String origin, String site, int status) {
    HttpRequest.Builder request =
        demo.request("/v1/completions", "{\"model\":\"demo\",\"prompt\":\"a\",\"max_tokens\":1}")
            .header("Authorization", "Bearer s3cret");
    if (origin != null) {
      String self = "http://127.0.0.1:" + demo.server.port();
      request.header("Origin", origin.equals("SELF") ? self : origin);
    }
    if (site != null) {
      request.header("Sec-Fetch-Site", site);
    }
    assertThat(demo.send(request).status()).isEqualTo(status);
  }

  @Test
  void methodsAreAnsweredAsTheyShould() {
    Reply head =
        demo.send(
            with("/v1/models", "Bearer s3cret")
                .method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.header("content-length")).isNotEqualTo("0");
    for (String method : new String[] {"PUT", "DELETE", "PATCH", "TRACE", "FOO"}) {
      Reply reply =
          demo.send(
              with("/v1/models", "Bearer s3cret")
                  .method(method, HttpRequest.BodyPublishers.noBody()));
      assertThat(reply.status()).as(method).isEqualTo(405);
      assertThat(reply.header("allow")).contains("GET");
      assertThat(reply.error().get("code").asText()).isEqualTo("method_not_allowed");
    }
    Reply get = get("/v1/completions");
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.header("allow")).contains("POST").doesNotContain("GET");
    Reply options =
        demo.send(
            with("/v1/completions", "Bearer s3cret")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("allow")).isEqualTo("POST, OPTIONS");
    assertThat(options.header("access-control-allow-origin")).isEmpty();
    Reply nothing = get("/nothing");
    assertThat(nothing.status()).isEqualTo(404);
    assertThat(nothing.error().get("message").asText()).contains("/nothing");
  }

  @Test
  void modelsAreListedAndFoundByEveryName() {
    JsonNode list = get("/v1/models").json();
    assertThat(list.get("object").asText()).isEqualTo("list");
    assertThat(list.at("/data").findValuesAsText("id"))
        .containsExactly("demo", "demo:baseline", "org/half");
    JsonNode first = list.at("/data/0");
    assertThat(first.get("object").asText()).isEqualTo("model");
    assertThat(first.get("max_model_len").asInt()).isEqualTo(4096);
    assertThat(first.at("/kvpress/chat").asBoolean()).isTrue();
    assertThat(get("/v1/models/org/half").json().at("/kvpress/compression_ratio").asDouble())
        .isEqualTo(0.5);
    assertThat(get("/v1/models/org%2Fhalf").json().get("id").asText()).isEqualTo("org/half");
    assertThat(get("/v1/models/demo:knorm@0.25").json().at("/kvpress/press").asText())
        .isEqualTo("knorm");
    Reply none = get("/v1/models/gpt-4");
    assertThat(none.status()).isEqualTo(404);
    assertThat(none.error().get("code").asText()).isEqualTo("model_not_found");
    assertThat(none.error().get("message").asText()).contains("demo");
  }

  @Test
  void pressesAreListedAndTriedByTheirSpec() {
    JsonNode all = get("/v1/presses").json();
    assertThat(all.at("/data").findValuesAsText("name")).contains("h2o", "snapkv", "baseline");
    assertThat(get("/v1/presses?spec=adakv(snapkv)").json().at("/data/0/spec").asText())
        .isEqualTo("adakv(snapkv)");
    assertThat(get("/v1/presses?spec=adakv(snapkw)").status()).isEqualTo(400);
    for (String path :
        new String[] {
          "/v1/presses?foo=1", "/v1/models?spec=h2o", "/v1/presses?spec=h2o&spec=tova"
        }) {
      Reply reply = get(path);
      assertThat(reply.status()).as(path).isEqualTo(400);
      assertThat(reply.error().get("param").asText()).isIn("foo", "spec");
    }
  }

  @Test
  void figuresAreToldAsPrometheusReadsThem() {
    get("/v1/models");
    demo.send(demo.request("/v1/completions", "{}").setHeader("Content-Type", "text/plain"));
    demo.send(with("/tokenize", "Bearer s3cret").DELETE());
    demo.send(with("/v1/models/org/half", "Bearer none"));
    demo.get("/nothing/of/the/kind");
    Reply metrics = get("/metrics");
    assertThat(metrics.header("content-type")).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.body())
        .contains("kvpress_http_requests_seconds_count{")
        .contains("route=\"/v1/models\"")
        .containsPattern("route=\"/v1/completions\",status=\"401\"")
        .containsPattern("route=\"/tokenize\",status=\"405\"")
        .containsPattern("route=\"/v1/models/<id>\",status=\"401\"")
        .containsPattern("route=\"unknown\",status=\"401\"")
        .contains("jvm_memory_used_bytes", "kvpress_running", "kvpress_cache_bytes");
  }
}
