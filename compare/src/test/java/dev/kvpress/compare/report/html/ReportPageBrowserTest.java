package dev.kvpress.compare.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.kvpress.compare.browser.Browser;
import dev.kvpress.compare.browser.WithBrowser;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page in a real browser. Screenshots of it lie in target/screenshots afterwards. */
@ExtendWith(WithBrowser.class)
class ReportPageBrowserTest {
  /** Of 50 ms each. */
  private static final int LOOKS = 400;

  @TempDir static Path temp;
  private static Browser page;
  private static ChromeDriver browser;
  private static String address;

  @BeforeAll
  static void openBrowser() throws IOException {
    page = WithBrowser.browser();
    browser = page.driver();
    Path folder =
        FolderFixture.full(temp.resolve("run"))
            .needles("h2o", 0.6)
            .needles("baseline", 0.0)
            .write();
    Path file = folder.resolve("report.html");
    Files.writeString(file, ReportPage.of(ResultFolder.read(folder, Limits.PAGE)));
    address = file.toUri().toString();
  }

  @BeforeEach
  void openPage() {
    page.open(address, Browser.DESKTOP, "light");
  }

  private static Object script(String text) {
    return page.script(text);
  }

  private static List<String> column(int index) {
    return browser.findElements(By.cssSelector("#figures tbody tr")).stream()
        .map(row -> row.findElements(By.cssSelector("th, td")).get(index).getText())
        .toList();
  }

  private static WebElement heading(String beginning) {
    // The table is drawn by a script, which a busy machine may not have run yet.
    for (int look = 0; look < LOOKS; look++) {
      Optional<WebElement> found =
          browser.findElements(By.cssSelector("#figures thead button")).stream()
              .filter(button -> button.getText().startsWith(beginning))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(50));
    }
    throw new AssertionError("no heading begins with " + beginning);
  }

  private static void choose(String select, String beginning) {
    browser.findElement(By.id(select)).findElements(By.tagName("option")).stream()
        .filter(option -> option.getText().startsWith(beginning))
        .findFirst()
        .orElseThrow()
        .click();
  }

  @Test
  void runsToItsEndWithoutAWordOnTheConsole() {
    assertThat(script("return document.documentElement.dataset.ready")).isEqualTo("true");
    choose("keep", "snapkv");
    choose("attention", "layer 3");
    choose("topic", "recall");
    choose("topic", "latency");
    assertThat(page.complaints()).isEmpty();
  }

  @Test
  void drawsLinesAndPoints() {
    for (String chart : List.of("quality", "bytes", "time", "latency")) {
      Object paths =
          script("return document.querySelectorAll('#chart-" + chart + " svg path').length");
      assertThat((Long) Objects.requireNonNull(paths)).as(chart).isGreaterThan(20);
    }
  }

  private static long colours(String chart) {
    Object colours =
        script(
            "const c = document.querySelector('#chart-"
                + chart
                + " canvas');"
                + "const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                + "const seen = new Set();"
                + "for (let i = 0; i < p.length; i += 4)"
                + "  seen.add(p[i] << 16 | p[i+1] << 8 | p[i+2]);"
                + "return seen.size");
    return (Long) Objects.requireNonNull(colours);
  }

  @Test
  void drawsMapsInManyColours() {
    for (String chart : List.of("keep", "attention")) {
      assertThat(colours(chart)).as(chart).isGreaterThan(30);
    }
  }

  @Test
  void drawsNeedlesWhereTheDataKnowsTheirDepth() throws IOException {
    assertThat(script("return document.getElementById('s-needles').hidden")).isEqualTo(true);
    choose("topic", "recall");
    assertThat(script("return document.getElementById('s-needles').hidden")).isEqualTo(false);
    choose("needles", "h2o at 0.6");
    assertThat(colours("needles")).isGreaterThan(30);
    assertThat(page.complaints()).isEmpty();
    script("document.getElementById('s-needles').scrollIntoView()");
    page.screenshot("report-needles");
  }

  @Test
  void sortsByMouseAndByKeyboard() {
    heading("perplexity").click();
    List<String> ascending =
        column(3).stream().map(text -> text.lines().findFirst().orElse("")).toList();
    assertThat(ascending.get(0)).isEqualTo("3.370");
    assertThat(heading("perplexity").findElement(By.xpath("..")).getAttribute("aria-sort"))
        .isEqualTo("ascending");
    browser.switchTo().activeElement().sendKeys(Keys.ENTER);
    assertThat(column(3).get(0)).startsWith("6.1");
    // Cells without a figure stay at the end either way.
    assertThat(column(0).get(column(0).size() - 1)).isEqualTo("criticalkv");
  }

  @Test
  void showsAskedAndAchievedRatioAndWhichWayIsBetter() {
    assertThat(heading("Removed, asked").isDisplayed()).isTrue();
    assertThat(heading("Removed, achieved").isDisplayed()).isTrue();
    assertThat(heading("perplexity").getText()).contains("↓ lower is better");
    choose("topic", "recall");
    assertThat(heading("recall accuracy (fraction)").getText()).contains("↑ higher is better");
  }

  @Test
  void marksFiguresOfWhichSomethingIsToBeKnown() {
    choose("topic", "perplexity");
    List<WebElement> marks =
        browser.findElements(By.cssSelector("#figures tbody td.value sup a[href='#note-1']"));
    assertThat(marks).isNotEmpty().allMatch(mark -> mark.getText().equals("[1]"));
    for (WebElement mark : marks) {
      WebElement row = mark.findElement(By.xpath("ancestor::tr"));
      assertThat(row.getText()).startsWith("knorm");
    }
    assertThat(browser.findElement(By.id("note-1")).getText()).startsWith("[1] knorm: ");
  }

  @Test
  void filtersMethods() {
    browser.findElement(By.id("filter")).sendKeys("snap");
    assertThat(column(0)).containsExactly("snapkv", "snapkv", "snapkv");
  }

  @Test
  void textsOfTheDataAreShownButNeverRun() {
    choose("topic", "recall");
    assertThat(script("return window.pwned")).isNull();
    assertThat(script("return document.images.length")).isEqualTo(0L);
    String seen =
        String.valueOf(script("return document.getElementById('sample-table').textContent"));
    assertThat(seen).contains(FolderFixture.HOSTILE);
    String token =
        String.valueOf(script("return document.querySelector('#tokens .token').textContent"));
    assertThat(token).isEqualTo(FolderFixture.HOSTILE);
    assertThat(browser.findElement(By.id("s-problems")).getText()).contains("</script><script>");
  }

  @Test
  void aScriptThatGotInAnywayWouldBeRefused() {
    script(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1';"
            + "document.body.append(s);const d = document.createElement('div'); d.innerHTML = '<img"
            + " src=x onerror=window.pwned=1>';document.body.append(d);");
    assertThat(script("return window.pwned")).isNull();
    assertThat(page.complaints())
        .isNotEmpty()
        .allMatch(line -> line.contains("Content Security Policy"));
  }

  @Test
  void strikesEvictedTokensThrough() {
    Long gone = (Long) script("return document.querySelectorAll('#tokens .gone').length");
    Long all = (Long) script("return document.querySelectorAll('#tokens .token').length");
    assertThat(Objects.requireNonNull(gone)).isBetween(1L, Objects.requireNonNull(all) - 1);
    choose("keep-layer", "layer 2");
    assertThat(script("return document.querySelectorAll('#tokens .gone').length"))
        .isNotEqualTo(gone);
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 1280", "light, 360", "dark, 360"})
  void fitsTheWindowInLightAndDark(String scheme, int width) throws IOException {
    page.open(address, width, scheme);
    assertThat((Long) Objects.requireNonNull(script("return document.documentElement.scrollWidth")))
        .as("the page itself does not scroll sideways")
        .isLessThanOrEqualTo(width);
    String back = String.valueOf(script("return getComputedStyle(document.body).backgroundColor"));
    assertThat(back).isEqualTo(scheme.equals("dark") ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)");
    page.screenshot("report-" + scheme + "-" + width);
    assertThat(page.complaints()).isEmpty();
  }

  @Test
  void followsTheThemeWhileItIsOpen() {
    String ink = "document.querySelector('#chart-quality svg text').getAttribute('fill')";
    assertThat(script("return " + ink)).isEqualTo("#1b1f24");
    page.prefer("prefers-color-scheme", "dark");
    // The page hears of it and paints in frames of its own.
    browser.executeAsyncScript(
        "const done = arguments[0];"
            + "const look = () => "
            + ink
            + " === '#e6e9ec' ? done() : setTimeout(look, 10); look();");
    assertThat(page.complaints()).isEmpty();
  }
}
