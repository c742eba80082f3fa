package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file that a context is to be saved in, held against everything that must not be lost before
 * any work is done. Links are followed: what counts is where the bytes would lie.
 */
final class ContextOutput {
  private static final String OPTION = "--output";
  private static final String ENDING = ".safetensors";
  private static final String TRAINED = "presses";

  private final Path file;
  private final Problems problems;

  private ContextOutput(Path file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /**
   * The file, if it may be written.
   *
   * @param text as it was typed
   * @param model the model's folder or file, if it is known
   * @param context the text that is read, if it is known
   */
  static Optional<Path> of(
      @Nullable String text, Optional<Path> model, Optional<Path> context, Problems problems) {
    if (text == null) {
      problems.add(
          "--output: expected the file to write, found nothing; give for instance --output context.safetensors");
      return Optional.empty();
    }
    Optional<Path> file = new Values(problems).path(OPTION, text);
    return file.filter(found -> new ContextOutput(found, problems).mayBeWritten(model, context));
  }

  private boolean mayBeWritten(Optional<Path> model, Optional<Path> context) {
    if (Files.isDirectory(file)) {
      return refused(
          "expected the name of a file, found the folder %s; give a name in it".formatted(file));
    }
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ENDING)) {
      return refused("expected a name that ends in %s, found %s".formatted(ENDING, file));
    }
    if (context.isPresent() && isSame(file, context.get())) {
      return refused(
          "%s is the text that --context gives, which would be lost; give another name"
              .formatted(file));
    }
    if (model.isPresent() && isPartOf(model.get())) {
      return refused(
          "%s lies in the folder of the model %s, where files are read as parts of it; give a name outside of it"
              .formatted(file, model.get()));
    }
    if (Files.exists(file) && !SavedContext.looksLikeOne(file)) {
      return refused(
          "%s exists and is no saved context, so it is not written over; give another name"
              .formatted(file));
    }
    return isWritable();
  }

  /** Writes nothing that stays: a file of no name beside its place, which is gone again. */
  private boolean isWritable() {
    Path folder = file.toAbsolutePath().normalize().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null) {
      return refused("%s is in no folder that exists; give another name".formatted(file));
    }
    try {
      Files.delete(Files.createTempFile(folder, ".kvpress-", ".tmp"));
      return true;
    } catch (IOException e) {
      return refused(
          "%s cannot be written: no file can be made in %s (%s); give a name elsewhere"
              .formatted(file, folder, FileFaults.reason(e)));
    }
  }

  /**
   * Whether it lies anywhere in a model's folder; beside a model that is a file, or among the
   * trained tensors there.
   */
  private boolean isPartOf(Path model) {
    Path root = real(model);
    // The link itself is what is written over, and what it leads to is what one would expect.
    for (Path place : List.of(real(file), placeOf(file))) {
      Path folder = place.getParent();
      Path beside = root.getParent();
      boolean part =
          Files.isDirectory(root)
              ? place.startsWith(root)
              : beside != null && (beside.equals(folder) || beside.resolve(TRAINED).equals(folder));
      if (part) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      return real(one).equals(real(other));
    }
  }

  /** Where a name lies, its last part not followed if it is a link. */
  private static Path placeOf(Path path) {
    Path absolute = path.toAbsolutePath();
    Path parent = absolute.getParent();
    return parent == null ? absolute : real(parent).resolve(absolute.getFileName());
  }

  /** Without links as far as it exists. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath();
    try {
      return absolute.toRealPath();
    } catch (IOException e) {
      Path parent = absolute.getParent();
      return parent == null
          ? absolute.normalize()
          : real(parent).resolve(absolute.getFileName()).normalize();
    }
  }

  private boolean refused(String reason) {
    problems.add(OPTION + ": " + reason);
    return false;
  }
}
