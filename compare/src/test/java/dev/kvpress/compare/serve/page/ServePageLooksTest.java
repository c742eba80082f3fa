package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/**
 * How the server's page looks, and whether everybody can use it. Screenshots of it lie in
 * target/screenshots afterwards.
 */
class ServePageLooksTest extends PageTest {
  /** Small text must stand out by as much from what is behind it (WCAG 2, AA). */
  private static final double LEAST_CONTRAST = 4.5;

  private static final int CONTEXT = 300;

  /** The least contrast of a text that is seen, with the text. */
  private static final String WEAKEST =
      """
      const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
      const parse = (text) => { const c = text.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
      const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3]));
      const behind = (e) => {
        if (e === null) return parse(getComputedStyle(document.body).backgroundColor);
        const own = parse(getComputedStyle(e).backgroundColor);
        return own[3] === 1 ? own : over(own, behind(e.parentElement));
      };
      let weakest = [99, ''];
      for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '');
        if (!own || e.disabled || e.tagName === 'OPTION' || !e.checkVisibility()) continue;
        const back = behind(e);
        const a = light(over(parse(getComputedStyle(e).color), back)), b = light(back);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < weakest[0]) weakest = [contrast, e.textContent.slice(0, 60)];
      }
      return weakest;
      """;

  /** Tops of everything that stands below the answers' headings. */
  private static final String TOPS =
      "return ['left-answer', 'right-answer', 'figures', 'times-note', 'compare'].map(id =>"
          + " Math.round(document.getElementById(id).getBoundingClientRect().top + scrollY))";

  /** A context of which some is kept by all, some by some, some by none. */
  private static void answerOnAStory() {
    String[] words = {" The", " otter", " kept", " a", " lantern", " in", " Northgate", "."};
    List<String> tokens = new ArrayList<>();
    List<Double> full = new ArrayList<>();
    List<Double> cut = new ArrayList<>();
    for (int i = 0; i < CONTEXT; i++) {
      tokens.add(words[i % words.length]);
      full.add(1.0);
      cut.add(i < 4 || i > CONTEXT - 40 ? 1.0 : List.of(0.0, 0.25, 0.0, 0.75, 1.0).get(i % 5));
    }
    String text = "lantern. ".repeat(40);
    server.reply("baseline", PageDriver.answer(text, Chunks.figures(tokens, full, 3)));
    ObjectNode figures = Chunks.figures(tokens, cut, 3);
    Chunks.notice(figures, "knorm: a remark that is as long as such remarks tend to be, or longer");
    server.reply("knorm", PageDriver.answer(text, figures));
  }

  private static void press(CharSequence keys) {
    new Actions(browser.driver()).sendKeys(keys).perform();
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 1280", "light, 360", "dark, 360"})
  void fitsTheWindowInLightAndDark(String scheme, int width) throws IOException {
    page.open(width, scheme);
    answerOnAStory();
    page.find("load").click();
    page.until("return document.getElementById('context').value !== ''");
    page.find("compare").click();
    page.untilEnd();
    assertThat(browser.whole("return document.documentElement.scrollWidth"))
        .as("the page itself does not scroll sideways")
        .isLessThanOrEqualTo(width);
    assertThat(
            browser.script(
                "return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
                    + " && (e.getBoundingClientRect().right > innerWidth + 0.5"
                    + " || e.getBoundingClientRect().left < -0.5) && !e.closest('.said'))"
                    + ".map(e => e.id || e.className || e.tagName)"))
        .as("what hangs over an edge")
        .isEqualTo(List.of());
    List<?> weakest = (List<?>) Objects.requireNonNull(browser.script(WEAKEST));
    assertThat(((Number) weakest.get(0)).doubleValue())
        .as("contrast of '%s'", weakest.get(1))
        .isBetween(LEAST_CONTRAST, 21.0);
    browser.script("document.activeElement.blur(); scrollTo(0, 0)");
    browser.screenshot("serve-" + scheme + "-" + width);
  }

  @ParameterizedTest
  @CsvSource({"1280", "360"})
  void nothingMovesWhileAnAnswerArrives(int width) {
    CountDownLatch seen = new CountDownLatch(1);
    page.open(width, "light");
    PageDriver.bothAnswer(server);
    server.reply(
        "knorm",
        asked -> {
          for (int i = 1; i <= 200; i++) {
            asked.event(Chunks.piece("some words ", 2 * i));
          }
          assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
          PageDriver.answer("end", PageDriver.someFigures(0.5)).to(asked);
        });
    page.ask("word", "?");
    Object before = browser.script(TOPS);
    page.untilText("right-tokens", "400");
    assertThat(browser.script(TOPS)).isEqualTo(before);
    assertThat(
            browser.whole(
                "const a = document.getElementById('right-answer');"
                    + "return a.scrollHeight - a.scrollTop - a.clientHeight"))
        .as("the box follows its text")
        .isLessThan(24);
    seen.countDown();
    page.untilEnd();
    assertThat(browser.script(TOPS)).isEqualTo(before);
  }

  @Test
  void theKeyboardIsEnough() {
    PageDriver.bothAnswer(server);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 30 && !order.contains("compare"); i++) {
      press(Keys.TAB);
      String id = String.valueOf(browser.script("return document.activeElement.id"));
      order.add(id);
      if (id.equals("context") || id.equals("question")) {
        press("word");
      }
    }
    assertThat(order)
        .containsExactly(
            "context",
            "example",
            "load",
            "file",
            "question",
            "max-tokens",
            "temperature",
            "seed",
            "in-turn",
            "left-press",
            "right-press",
            "right-slider",
            "right-ratio",
            "compare");
    press(Keys.ENTER);
    page.untilEnd();
    assertThat(page.text("state")).isEqualTo("Both sides have answered.");
    List<String> behind = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      press(Keys.TAB);
      behind.add(
          String.valueOf(
              browser.script(
                  "return document.activeElement.getAttribute('aria-labelledby')"
                      + " + ' ' + getComputedStyle(document.activeElement).outlineStyle")));
    }
    assertThat(behind)
        .containsExactly(
            "left-name solid", "right-name solid", "left-map-name solid", "right-map-name solid");
  }

  @Test
  void everythingToBeFilledInHasAName() {
    Object nameless =
        browser.script(
            "return [...document.querySelectorAll('input, select, textarea, button')].filter(e =>"
                + " !e.textContent.trim() || e.tagName !== 'BUTTON').filter(e =>"
                + " !e.ariaLabel && !(e.labels && [...e.labels].some(l => l.textContent.trim())))"
                + ".map(e => e.id)");
    assertThat(nameless).isEqualTo(List.of());
    assertThat(
            browser.script(
                "return [...document.querySelectorAll('h1, h2, h3')].map(h => h.tagName).join('"
                    + " ')"))
        .isEqualTo("H1 H2 H2 H2 H3 H3 H2 H2 H3 H3");
  }

  @Test
  void screenReadersHearWholeWordsAndNotEachToken() {
    browser.script(
        "window.heard = 0; new MutationObserver(() => window.heard++)"
            + ".observe(document.getElementById('left-said'), {childList: true})");
    PageDriver.bothAnswer(server);
    server.reply(
        "baseline",
        asked -> {
          for (int i = 0; i < 100; i++) {
            asked.event(Chunks.piece("wo", i));
            asked.event(Chunks.piece("rd ", i));
          }
          asked.raw("data: [DONE]\n\n");
        });
    page.compare("", "?");
    assertThat(page.text("left-said")).isEqualTo("word ".repeat(100));
    assertThat(browser.whole("return window.heard")).isBetween(1L, 4L);
    assertThat(page.find("left-said").getAttribute("aria-live")).isEqualTo("polite");
    assertThat(page.find("left-fault").getAttribute("role")).isEqualTo("alert");
  }

  @Test
  void nothingSlidesForWhoeverWantsNoMotion() {
    PageDriver.bothAnswer(server);
    page.compare("word", "?");
    String duration =
        "return getComputedStyle(document.querySelector('.bar span')).transitionDuration";
    assertThat(browser.script(duration)).isEqualTo("0.2s");
    browser.prefer("prefers-reduced-motion", "reduce");
    assertThat(browser.script(duration)).isEqualTo("0s");
  }
}
