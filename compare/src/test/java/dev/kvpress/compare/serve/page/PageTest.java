package dev.kvpress.compare.serve.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.browser.Browser;
import dev.kvpress.compare.browser.WithBrowser;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server's page in a real browser, with a server that does as it is told. */
@ExtendWith(WithBrowser.class)
abstract class PageTest {
  /** What a browser itself notes of an answer that a test has made the server refuse. */
  private static final String REFUSED = "the server responded with a status of 4";

  static FakeServer server;
  static Browser browser;
  static PageDriver page;

  @BeforeAll
  static void start() throws IOException {
    server = new FakeServer();
    browser = WithBrowser.browser();
    page = new PageDriver(browser, server.address());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void openPage() {
    server.reset(PageDriver.MODELS, PageDriver.PRESSES);
    page.open(Browser.DESKTOP, "light");
  }

  /** Neither a fault of a script nor a refusal of the security policy. */
  @AfterEach
  void consoleStaysEmpty() {
    List<String> complaints = browser.complaints();
    assertThat(complaints.stream().filter(line -> !line.contains(REFUSED))).isEmpty();
  }
}
