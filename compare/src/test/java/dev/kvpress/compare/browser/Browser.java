package dev.kvpress.compare.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * Chromium without a window; tests skip where it or its driver is absent, unless the environment
 * variable KVPRESS_BROWSER is set, as in CI.
 */
public final class Browser implements AutoCloseable {
  public static final int DESKTOP = 1280;
  public static final int PHONE = 360;
  private static final int HEIGHT = 900;

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private static final String ABSENT =
      "no Chromium with chromedriver on the path (Debian: apt-get install chromium-driver)";
  private static final Logger CDP_LOG = Logger.getLogger("org.openqa.selenium.devtools");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts one, or skips the test. */
  static Browser start() {
    Optional<Path> browser = NAMES.stream().flatMap(name -> find(name).stream()).findFirst();
    Optional<Path> driver = find("chromedriver");
    boolean present = browser.isPresent() && driver.isPresent();
    if (System.getenv("KVPRESS_BROWSER") != null) {
      assertThat(present).as(ABSENT).isTrue();
    }
    assumeTrue(present, ABSENT);
    // What the driver may do beside the few commands used here is no matter.
    CDP_LOG.setLevel(Level.OFF);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.orElseThrow().toFile());
    // CI runs as root in a container, where Chromium's own sandbox cannot start.
    options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
    options.addArguments("--hide-scrollbars", "--disable-gpu", "--no-first-run");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver.orElseThrow().toFile())
            .usingAnyFreePort()
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<Path> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Splitter.on(java.io.File.pathSeparatorChar)
        .splitToStream(path)
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public ChromeDriver driver() {
    return driver;
  }

  /** Opens a page in a window of a width, to somebody who likes it light or dark. */
  public void open(String address, int width, String scheme) {
    size(width, HEIGHT);
    prefer("prefers-color-scheme", scheme);
    driver.get(address);
  }

  private void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the user has set, for instance {@code prefers-color-scheme} to {@code dark}. */
  public void prefer(String feature, String value) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", feature, "value", value))));
  }

  public Object script(String text, Object... arguments) {
    return driver.executeScript(text, arguments);
  }

  /** A number that a script returns. */
  public long whole(String text, Object... arguments) {
    return ((Number) Objects.requireNonNull(script(text, arguments))).longValue();
  }

  /** What the console says since it was asked last; refusals of the security policy too. */
  public List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** The whole page, in target/screenshots, in a window that is as high. */
  public void screenshot(String name) throws IOException {
    size((int) whole("return innerWidth"), (int) whole("return document.body.scrollHeight"));
    Map<String, Object> shot =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
    Path folder = Files.createDirectories(Path.of("target", "screenshots"));
    byte[] png =
        Base64.getDecoder()
            .decode(String.valueOf(shot.get("data")).getBytes(StandardCharsets.US_ASCII));
    Files.write(folder.resolve(name + ".png"), png);
  }

  @Override
  public void close() {
    driver.quit();
  }
}
