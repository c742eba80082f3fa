package dev.kvpress.compare.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.browser.Browser;
import dev.kvpress.compare.browser.WithBrowser;
import dev.kvpress.compare.report.FolderFixture;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page of a run with thousands of rows in a real browser. */
@ExtendWith(WithBrowser.class)
class ReportPageManyRowsTest {
  private static final int METHODS = 700;
  private static final int RATIOS = 10;
  private static final int ROWS = METHODS * RATIOS + 1;

  @TempDir static Path temp;
  private static Browser page;
  private static ChromeDriver browser;
  private static String address;
  private static long bytes;

  @BeforeAll
  static void openBrowser() throws IOException {
    page = WithBrowser.browser();
    browser = page.driver();
    FolderFixture fixture = FolderFixture.in(temp.resolve("run"));
    fixture.metric("perplexity", "perplexity", "", false, true);
    cell(fixture, "baseline", 0, 3);
    for (int m = 0; m < METHODS; m++) {
      for (int r = 1; r <= RATIOS; r++) {
        // The later methods are the better ones.
        double value = 3 + 0.05 * r + 0.001 * (METHODS - m);
        ObjectNode cell =
            cell(fixture, String.format(Locale.ROOT, "method_%03d", m), r / 20.0, value);
        if (m == 0) {
          cell.put("error", "sample 0: it went wrong");
        }
      }
    }
    Path folder = fixture.write();
    Path file = folder.resolve("report.html");
    Files.writeString(file, ReportPage.of(ResultFolder.read(folder, Limits.PAGE)));
    bytes = Files.size(file);
    address = file.toUri().toString();
  }

  private static ObjectNode cell(
      FolderFixture fixture, String method, double ratio, double perplexity) {
    ObjectNode cell = fixture.cell(method, ratio, "perplexity", FolderFixture.DATA);
    cell.put("achieved_ratio", ratio).put("kv_bytes_logical", Math.round(1e6 * (1 - ratio)));
    FolderFixture.figure(
        cell, "perplexity", perplexity, ratio == 0 ? null : Double.valueOf(perplexity - 3), 0.01);
    return cell;
  }

  @BeforeEach
  void openPage() {
    page.open(address, Browser.DESKTOP, "light");
  }

  private static List<WebElement> rows() {
    return browser.findElements(By.cssSelector("#figures tbody tr"));
  }

  private static String status() {
    return browser.findElement(By.cssSelector("#figures-pages [role=status]")).getText();
  }

  private static void turn(String label) {
    browser.findElements(By.cssSelector("#figures-pages button")).stream()
        .filter(button -> button.getText().contains(label))
        .findFirst()
        .orElseThrow()
        .click();
  }

  private static String caption(String id) {
    return browser.findElement(By.id(id)).getText();
  }

  @Test
  void theTableIsLeafedThrough() throws IOException {
    assertThat(bytes).isLessThan(12L << 20);
    assertThat(rows()).hasSize(100);
    assertThat(status()).isEqualTo("rows 1 to 100 of " + ROWS);
    turn("next");
    assertThat(status()).isEqualTo("rows 101 to 200 of " + ROWS);
    turn("last");
    assertThat(rows()).hasSize(1);
    assertThat(rows().get(0).getText()).startsWith("method_699");
    turn("first");
    assertThat(status()).startsWith("rows 1 to 100");
    assertThat(page.complaints()).isEmpty();
    assertThat(page.whole("return document.querySelector('#chart-quality svg').clientWidth"))
        .isGreaterThan(600);
    page.screenshot("report-many-rows");
  }

  @Test
  void sortingBeginsOnTheFirstPage() {
    turn("next");
    browser.findElements(By.cssSelector("#figures thead button")).stream()
        .filter(button -> button.getText().startsWith("perplexity"))
        .findFirst()
        .orElseThrow()
        .click();
    assertThat(status()).startsWith("rows 1 to 100");
    assertThat(rows().get(0).getText()).startsWith("baseline");
    assertThat(rows().get(1).getText()).startsWith("method_699");
  }

  @Test
  void aFilterThatLeavesOnePageNeedsNoButtonsAndChoosesWhatIsDrawn() {
    assertThat(caption("cap-quality"))
        .contains("400 of 6990 cells are drawn, of the 40 methods with the best mean");
    browser.findElement(By.id("filter")).sendKeys("method_12");
    assertThat(rows()).hasSize(100);
    assertThat(browser.findElement(By.id("figures-pages")).isDisplayed()).isFalse();
    assertThat(caption("cap-quality")).contains("of the 10 methods with the best mean");
    assertThat(page.complaints()).isEmpty();
  }

  @Test
  void aFilterWithoutAHitSaysSo() {
    browser.findElement(By.id("filter")).sendKeys("nobody");
    assertThat(rows())
        .singleElement()
        .extracting(WebElement::getText)
        .asString()
        .isEqualTo("No method has this in its name.");
    assertThat(
            page.script(
                "return document.querySelector('#figures-pages [role=status]').textContent"))
        .isEqualTo("no rows");
    assertThat(page.complaints()).isEmpty();
  }

  @Test
  void thePageSaysWithoutScriptsWhatIsMissingAndHidesEmptyParts() {
    String html = String.valueOf(page.script("return document.documentElement.outerHTML"));
    assertThat(html)
        .contains("<strong>Without JavaScript</strong>")
        .contains(".scripted { display: none; }");
    for (String part : List.of("figures", "quality", "pareto", "latency", "samples", "needles")) {
      assertThat(html)
          .contains("<section aria-labelledby=\"h-%s\" class=\"scripted\"".formatted(part));
    }
    assertThat(html).doesNotContain("stand in the table below");
  }

  @Test
  void aPrintedTableIsNoWiderThanThePaper() {
    try {
      browser.executeCdpCommand("Emulation.setEmulatedMedia", java.util.Map.of("media", "print"));
      browser.executeCdpCommand(
          "Emulation.setDeviceMetricsOverride",
          java.util.Map.of("width", 1046, "height", 718, "deviceScaleFactor", 1, "mobile", false));
      assertThat(page.whole("return document.getElementById('figures').scrollWidth"))
          .isLessThanOrEqualTo(1046);
    } finally {
      browser.executeCdpCommand("Emulation.setEmulatedMedia", java.util.Map.of("media", ""));
      browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", java.util.Map.of());
    }
  }

  @Test
  void aPrintedPageSaysWhereAllRowsStand() {
    assertThat(page.script("return document.querySelector('#figures-print').textContent"))
        .isEqualTo(
            "Printed are rows 1 to 100 of "
                + ROWS
                + "; all of them stand in results.csv beside this page.");
  }

  @Test
  void longListsAreCutWithAWord() {
    assertThat(caption("s-problems")).contains("sample 0: it went wrong");
    Object nodes = page.script("return document.getElementsByTagName('*').length");
    assertThat((Long) Objects.requireNonNull(nodes)).isLessThan(20_000);
    assertThat(caption("s-problems")).doesNotContain("further cells");
  }
}
