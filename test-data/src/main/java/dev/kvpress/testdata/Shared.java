package dev.kvpress.testdata;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Third-party files beside the checkout, which are never copied into it. A test asks with {@link
 * #find} and assumes (in the sense of its test framework) that the answer is there.
 */
public final class Shared {
  /** System property with the folder that holds the files; the build sets it for every test JVM. */
  public static final String PROPERTY = "kvpress.shared";

  private Shared() {}

  /**
   * A file or folder among the shared ones.
   *
   * @param relative path below the shared folder, for example {@code "models/hf-tiny/llama-gqa"}
   * @return its path, or empty if the property is unset or nothing lies there
   */
  public static Optional<Path> find(String relative) {
    return find(System.getProperty(PROPERTY), relative);
  }

  static Optional<Path> find(@Nullable String folder, String relative) {
    if (folder == null || folder.isBlank()) {
      return Optional.empty();
    }
    Path path = Path.of(folder).resolve(relative).normalize();
    return Files.exists(path) ? Optional.of(path) : Optional.empty();
  }
}
