package dev.kvpress.runtime.export;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Third-party models beside the checkout; a test that asks for one is skipped where it is absent.
 */
public final class SharedModels {
  private SharedModels() {}

  public static Path path(String relative) {
    Path path = Path.of(System.getProperty("kvpress.shared", "../shared")).resolve(relative);
    assumeTrue(Files.exists(path), "shared data absent: " + relative);
    return path;
  }
}
