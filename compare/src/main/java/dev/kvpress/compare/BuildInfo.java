package dev.kvpress.compare;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build has written down about itself. */
public final class BuildInfo {
  private BuildInfo() {}

  /** Version of kvpress for Java. */
  public static String version() {
    Properties build = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the build's properties cannot be read", e);
    }
    return build.getProperty("version", "unknown");
  }
}
