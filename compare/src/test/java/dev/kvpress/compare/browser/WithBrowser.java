package dev.kvpress.compare.browser;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One browser for all classes of tests that need one; it ends behind the last of them. */
public final class WithBrowser implements BeforeAllCallback {
  private static volatile @Nullable Browser browser;

  @Override
  public void beforeAll(ExtensionContext context) {
    browser =
        context
            .getRoot()
            .getStore(Namespace.create(WithBrowser.class))
            .getOrComputeIfAbsent(Browser.class, type -> Browser.start(), Browser.class);
  }

  /** The browser, in classes that are extended with this. */
  public static Browser browser() {
    return requireNonNull(browser, "the test class lacks @ExtendWith(WithBrowser.class)");
  }
}
