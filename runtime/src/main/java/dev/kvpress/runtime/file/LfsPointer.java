package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The few lines of text that stand for a large file in a repository that was cloned without Git
 * LFS. Whatever reads a file of a model asks here first: a pointer is no damaged model, and what to
 * do about it is known.
 */
public final class LfsPointer {
  private static final String START = "version https://git-lfs.github.com/spec/";

  /** The format's own bound; anything larger is content. */
  private static final int MAX_BYTES = 1024;

  private static final Pattern SIZE = Pattern.compile("(?m)^size (\\d{1,18})\\r?$");

  private LfsPointer() {}

  /**
   * Refuses a pointer and lets everything else pass: content of any kind, and files that are not
   * there or cannot be read, which whoever reads them says better.
   *
   * @throws ModelException if the file is a pointer, with what to do
   */
  public static void refuse(Path file) {
    describe(file)
        .ifPresent(
            what -> {
              throw new ModelException(file + ": " + what);
            });
  }

  /** What a pointer stands for and what to do; empty where the file is none. */
  public static Optional<String> describe(Path file) {
    String text;
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (!text.startsWith(START)) {
      return Optional.empty();
    }
    Matcher size = SIZE.matcher(text);
    String bytes = size.find() ? " of " + size.group(1) + " bytes" : "";
    return Optional.of(
        "this is a Git LFS pointer and not the file"
            + bytes
            + " that it stands for; run git lfs pull in its repository, or download the file");
  }
}
