package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.Resources;
import dev.kvpress.compare.browser.Browser;
import dev.kvpress.compare.browser.WithBrowser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page on the endpoint itself and the demo model. The picture of docs/serve.md is from here.
 */
@ExtendWith(WithBrowser.class)
class ServePageRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION = "What does Kuno keep? Kuno keeps the";
  private static final int TOKENS = 24;
  private static final double RATIO = 0.6;

  @Test
  void showsWhatTheEndpointAnswers(@TempDir Path cache) throws Exception {
    Path model = Path.of(System.getProperty("kvpress.root"), "test-data/models/demo");
    Browser browser = WithBrowser.browser();
    try (RunningServer server =
        new RunningServer(
            "--model",
            model.toString(),
            "--cache-dir",
            cache.toString(),
            "--press",
            "h2o",
            "--compression-ratio",
            "" + RATIO)) {
      PageDriver page = new PageDriver(browser, server.address());
      page.open(Browser.DESKTOP, "light");
      page.type("max-tokens", "" + TOKENS);
      page.find("load").click();
      page.until("return document.getElementById('context').value !== ''");
      page.find("compare").click();
      page.untilEnd();
      assertThat(page.text("state")).isEqualTo("Both sides have answered.");
      browser.script("document.activeElement.blur(); scrollTo(0, 0)");
      browser.screenshot("serve-demo-model");
      JsonNode full = asked(server, "baseline", false);
      JsonNode cut = asked(server, "h2o", true);
      assertThat(page.text("left-answer")).isEqualTo(full.at("/choices/0/text").asText());
      assertThat(page.text("right-answer")).isEqualTo(cut.at("/choices/0/text").asText());
      assertThat(page.text("left-answer")).startsWith(" ladder.");
      sameFigures(page, cut.at("/kvpress/choices/0"));
      page.consoleIsSilent();
    }
  }

  /** What is painted is what the endpoint says to anybody who asks the same. */
  private static void sameFigures(PageDriver page, JsonNode figures) {
    List<Double> shares = new ArrayList<>();
    figures.at("/kept_map/share").forEach(share -> shares.add(share.asDouble()));
    int context = figures.get("context_tokens").asInt();
    List<Double> painted = page.paintedShares(1);
    assertThat(painted).hasSize(context);
    for (int i = 0; i < context; i++) {
      assertThat(painted.get(i)).as("token %d", i).isCloseTo(shares.get(i), Offset.offset(6e-4));
    }
    long heads = figures.get("seen_tokens").asLong() / shares.size();
    double kept = shares.stream().mapToDouble(share -> share).sum() * heads;
    assertThat(kept).isCloseTo((double) figures.get("kept_tokens").asLong(), Offset.offset(1e-6));
    assertThat(page.text("right-entries").replace(",", ""))
        .isEqualTo(Math.round(kept) + "of " + figures.get("seen_tokens").asLong());
    assertThat(figures.get("achieved_ratio").asDouble()).isBetween(RATIO - 0.01, RATIO);
  }

  private static JsonNode asked(RunningServer server, String press, boolean cuts)
      throws IOException, InterruptedException {
    String context =
        Resources.toString(Resources.getResource("serve/page/village.txt"), StandardCharsets.UTF_8);
    ObjectNode body = JSON.createObjectNode();
    body.put("model", "demo").put("prompt", QUESTION).put("context", context).put("press", press);
    body.put("max_tokens", TOKENS).put("temperature", 0).put("kept_map", true);
    if (cuts) {
      body.put("compression_ratio", RATIO);
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + "v1/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }
}
