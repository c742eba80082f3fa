package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** Figures and kept tokens on the server's page. */
class ServePageFiguresTest extends PageTest {
  @Test
  void showsTheServersFigures() {
    server.reply("baseline", PageDriver.answer("a", PageDriver.someFigures(1)));
    ObjectNode figures = Chunks.withContextRead(PageDriver.someFigures(0.25));
    Chunks.notice(figures, "knorm: a remark");
    server.reply("knorm", PageDriver.answer("b", figures));
    page.compare("word word", "what?");
    // Of 8 tokens 5 stay in the mean: 4 whole ones and four quarters.
    assertThat(page.text("right-cache")).isEqualTo("7.5 KiBof 12.0 KiB");
    assertThat(page.text("right-removed")).isEqualTo("37.5\u202F%asked for 60\u202F%");
    assertThat(page.text("left-removed")).startsWith("0\u202F%");
    assertThat(page.text("right-entries")).isEqualTo("60of 96");
    assertThat(page.text("right-memory")).isEqualTo("64.0 KiB");
    assertThat(page.text("right-prefill")).startsWith("243 ms");
    assertThat(page.text("right-cutting")).isEqualTo("28.0 ms");
    assertThat(page.text("left-prefill")).isEqualTo("121 msof the question alone");
    assertThat(page.text("left-cutting")).isEqualTo("–");
    assertThat(page.text("right-decode")).isEqualTo("12.34 s");
    assertThat(page.text("right-ended")).isEqualTo("at the most tokens");
    assertThat(page.text("right-notices")).isEqualTo("knorm: a remark");
    assertThat(page.text("left-notices")).isEmpty();
  }

  @Test
  void paintsEveryTokenByItsShare() {
    PageDriver.bothAnswer(server);
    page.compare("word word", "what?");
    assertThat(page.paintedShares(1)).containsExactly(1.0, 0.25, 0.25, 0.25, 0.25, 1.0);
    assertThat(page.paintedShares(0)).containsOnly(1.0).hasSize(6);
    assertThat(browser.script("return document.querySelectorAll('.asked')[1].textContent"))
        .isEqualTo(" what?");
    assertThat(browser.script("return document.querySelectorAll('.map .note')[2].textContent"))
        .isEqualTo("6 tokens: 2 kept by all heads, 4 by some, 0 by none.");
  }

  @Test
  void readsSingleTokensOutWithTheKeyboard() {
    PageDriver.bothAnswer(server);
    page.compare("word word", "what?");
    browser.script("document.querySelectorAll('.tokens')[1].focus()");
    browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    String readout = "return document.querySelectorAll('.readout')[1].textContent";
    assertThat(browser.script(readout))
        .isEqualTo("Token 1 “ word”: kept by 3 of 12 heads, 25\u202F%");
    browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_LEFT);
    assertThat(browser.script(readout)).asString().startsWith("Token 0 ").contains("12 of 12");
  }

  @Test
  void paintsLongContextsInPatches() {
    int tokens = 25_000;
    List<String> texts = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    for (int i = 0; i < tokens; i++) {
      texts.add(" w" + i);
      shares.add(i % 3 == 0 ? 1.0 : 0.0);
    }
    ObjectNode figures = Chunks.figures(texts, shares, 0);
    server.reply("baseline", PageDriver.answer("a", figures));
    server.reply("knorm", PageDriver.answer("b", figures));
    page.compare("", "?");
    assertThat(page.paintedShares(0)).hasSize((tokens + 2) / 3).allMatch(share -> share > 0.3);
    assertThat(browser.script("return document.querySelectorAll('.map .note')[0].textContent"))
        .asString()
        .startsWith("25,000 tokens: 8,334 kept by all heads")
        .contains("patches of 3");
    String painted =
        String.valueOf(browser.script("return document.querySelector('.tokens').textContent"));
    assertThat(painted).isEqualTo(String.join("", texts));
  }

  @Test
  void paintsNothingThatDoesNotFitTogether() {
    ObjectNode torn = PageDriver.someFigures(0.5);
    torn.withArray("/kvpress/choices/0/kept_map/share").remove(0);
    server.reply("baseline", PageDriver.answer("a", torn));
    server.reply("knorm", PageDriver.answer("b", PageDriver.someFigures(0.5)));
    page.compare("word", "?");
    assertThat(page.paintedShares(0)).isEmpty();
    assertThat(browser.script("return document.querySelector('.map .note').textContent"))
        .asString()
        .contains("does not fit together");
  }
}
