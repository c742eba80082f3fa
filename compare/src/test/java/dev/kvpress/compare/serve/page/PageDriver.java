package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.browser.Browser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** What somebody does with the page, and sees on it. */
final class PageDriver {
  static final String MODELS =
      "{\"data\":[{\"id\":\"demo\",\"max_model_len\":4096,\"kvpress\":{\"chat\":false,"
          + "\"press\":\"knorm\",\"compression_ratio\":0.6}}]}";
  static final String PRESSES =
      """
      {"data":[
      {"name":"baseline","summary":"Keeps the whole cache.","complete":true,"example":"baseline",
       "follows_ratio":false,"supported":true,"reason":null},
      {"name":"knorm","summary":"Keeps the shortest keys.","complete":true,"example":"knorm",
       "follows_ratio":true,"supported":true,"reason":null},
      {"name":"h2o","summary":"Keeps heavy hitters.","complete":true,"example":"h2o",
       "follows_ratio":true,"supported":false,"reason":"the graph gives no attention"},
      {"name":"adakv","summary":"Spreads a budget over heads.","complete":false,
       "example":"adakv(knorm)","follows_ratio":true,"supported":true,"reason":null}]}
      """;

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private final Browser browser;
  private final String address;

  PageDriver(Browser browser, String address) {
    this.browser = browser;
    this.address = address;
  }

  /** Loads the page and waits until it has met the server. */
  void open(int width, String scheme) {
    browser.open(address, width, scheme);
    until("return document.documentElement.dataset.ready === 'true'");
  }

  /** Waits until a script returns true. */
  void until(String script, Object... arguments) {
    long end = System.nanoTime() + SOON.toNanos();
    while (!Boolean.TRUE.equals(browser.script(script, arguments))) {
      assertThat(System.nanoTime()).as("%s %s", script, List.of(arguments)).isLessThan(end);
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  void untilText(String id, String text) {
    until("return document.getElementById(arguments[0]).textContent === arguments[1]", id, text);
  }

  /** Until both sides have ended, well or not. */
  void untilEnd() {
    until("return document.getElementById('stop').disabled");
  }

  WebElement find(String id) {
    return browser.driver().findElement(By.id(id));
  }

  String text(String id) {
    return String.valueOf(
        browser.script("return document.getElementById(arguments[0]).textContent", id));
  }

  void type(String id, String value) {
    WebElement field = find(id);
    field.clear();
    field.sendKeys(value);
  }

  void choose(String id, String value) {
    browser.script(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
            + "s.dispatchEvent(new Event('change'));",
        id,
        value);
  }

  /** Asks both sides something and does not wait. */
  void ask(String context, String question) {
    type("context", context);
    type("question", question);
    find("compare").click();
  }

  /** Asks both sides something and waits for both. */
  void compare(String context, String question) {
    ask(context, question);
    untilEnd();
  }

  /** Tokens of one side as they are painted: the share that is their colour, by number. */
  List<Double> paintedShares(int side) {
    Object shares =
        browser.script(
            "return"
                + " [...document.querySelectorAll('.tokens')[arguments[0]].querySelectorAll('span')].map(s"
                + " => Number(s.style.getPropertyValue('--kept')))",
            side);
    List<Double> numbers = new ArrayList<>();
    for (Object share : (List<?>) Objects.requireNonNull(shares)) {
      numbers.add(((Number) share).doubleValue());
    }
    return numbers;
  }

  void consoleIsSilent() {
    assertThat(browser.complaints()).isEmpty();
  }

  /** A whole answer with figures in which a press kept a part. */
  static FakeServer.Reply answer(String text, ObjectNode figures) {
    return asked -> {
      asked.event(Chunks.piece(text, 3));
      asked.event(figures);
      asked.raw("data: [DONE]\n\n");
    };
  }

  /** Figures of a context of a few words and a question of two tokens. */
  static ObjectNode someFigures(double share) {
    List<String> tokens = new ArrayList<>(Collections.nCopies(6, " word"));
    tokens.addAll(List.of(" what", "?"));
    List<Double> shares = new ArrayList<>(List.of(1.0, share, share, share, share, 1.0));
    shares.addAll(List.of(1.0, 1.0));
    return Chunks.figures(tokens, shares, 2);
  }

  /** Both sides answer well. */
  static void bothAnswer(FakeServer server) {
    for (Map.Entry<String, Double> side : Map.of("baseline", 1.0, "knorm", 0.25).entrySet()) {
      server.reply(side.getKey(), answer("ladder.", someFigures(side.getValue())));
    }
  }
}
