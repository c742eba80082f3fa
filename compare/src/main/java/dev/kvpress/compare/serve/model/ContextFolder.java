package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hashing;
import dev.kvpress.compare.BuildInfo;
import dev.kvpress.compare.serve.wire.ApiException;
import dev.kvpress.compare.serve.wire.JsonText;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.generate.Prompt;
import dev.kvpress.runtime.generate.SharedContext;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of compressed contexts. Files that {@code compare compress} has written lie in it by
 * name; those of requests with a key lie in {@value #KEYED} under the hash of what they were made
 * of, so that they are found again after a restart, and only for the same.
 */
public final class ContextFolder {
  static final String KEYED = "by-key";
  private static final String SUFFIX = ".safetensors";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final int MOST_LISTED = 20;
  private static final int HASH_CHARACTERS = 32;
  private static final Logger LOG = LoggerFactory.getLogger(ContextFolder.class);

  private final Path folder;
  private final long mostBytes;

  /**
   * A folder, made where it is not there.
   *
   * @param mostBytes of files by key; the oldest go first where there are more
   * @throws UncheckedIOException if it cannot be made
   */
  public ContextFolder(Path folder, long mostBytes) {
    this.folder = requireNonNull(folder, "folder is null");
    this.mostBytes = mostBytes;
    try {
      Files.createDirectories(folder.resolve(KEYED));
      // A server that was killed may have left half a file.
      SavedContext.discardHalfWritten(folder);
      SavedContext.discardHalfWritten(folder.resolve(KEYED));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder, e);
    }
  }

  /**
   * The file of a name.
   *
   * @throws ApiException if there is none
   */
  public Path named(String name) {
    if (!NAME.matcher(name).matches()) {
      throw ApiException.field(
          "stored_context",
          "stored_context: expected a name of letters, digits, '.', '_' and '-', found '%s'"
              .formatted(JsonText.shortened(name)));
    }
    Path file = folder.resolve(name + SUFFIX);
    if (!Files.isRegularFile(file)) {
      throw ApiException.notFound(
          "stored_context",
          "context_not_found",
          "there is no stored context '%s'; there is %s".formatted(name, listed()));
    }
    return file;
  }

  private String listed() {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        String full = file.getFileName().toString();
        String name = full.substring(0, full.length() - SUFFIX.length());
        if (NAME.matcher(name).matches() && Files.isRegularFile(file)) {
          names.add(name);
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot list {}", folder, e);
    }
    String some = names.stream().sorted().limit(MOST_LISTED).collect(Collectors.joining(", "));
    return names.isEmpty() ? "none" : names.size() > MOST_LISTED ? some + " and others" : some;
  }

  /**
   * The context of a slot that was kept before, if it was and is whole.
   *
   * @param load turns the file into a context; fails where it is another model's or prompt's
   */
  public Optional<SharedContext> find(
      ContextShelf.Slot slot, Prompt origin, Function<Path, SharedContext> load) {
    Path file = keyed(slot, origin);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      SharedContext found = load.apply(file);
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return Optional.of(found);
    } catch (ModelException | IllegalArgumentException | IOException e) {
      LOG.warn("a kept context cannot be used and is made again: {}", file, e);
      return Optional.empty();
    }
  }

  /**
   * Keeps the context of a slot, in the place of whatever the slot held.
   *
   * @return why it cannot be kept, if it cannot
   */
  public Optional<String> keep(
      ContextShelf.Slot slot, Prompt origin, SharedContext context, ServedPress press) {
    Path file = keyed(slot, origin);
    ContextNotes notes =
        new ContextNotes(
            press.spec(),
            press.budget().describe(),
            new ContextNotes.Origin("", "", "kvpress for Java " + BuildInfo.version()),
            ContextNotes.NONE.prompt());
    try {
      context.save(file, notes);
      clear(hash(slot.key() + '\n' + slot.press()), file);
      return Optional.empty();
    } catch (ModelException | IllegalArgumentException | UncheckedIOException e) {
      LOG.warn("a context is kept in memory only", e);
      return Optional.of("the context is kept in memory only, not in a file");
    }
  }

  /** Other contexts of the slot go, then the oldest of all where there are too many. */
  private void clear(String slotHash, Path kept) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(folder.resolve(KEYED), "*" + SUFFIX)) {
      for (Path file : all) {
        boolean same = file.getFileName().toString().startsWith(slotHash);
        if (same && !file.equals(kept)) {
          Files.deleteIfExists(file);
        } else {
          files.add(file);
        }
      }
      trim(files, kept);
    } catch (IOException e) {
      LOG.warn("cannot clear old contexts of {}", folder, e);
    }
  }

  private void trim(List<Path> files, Path kept) throws IOException {
    record Aged(Path file, FileTime used, long bytes) {}
    List<Aged> aged = new ArrayList<>();
    for (Path file : files) {
      if (Files.exists(file)) {
        aged.add(new Aged(file, Files.getLastModifiedTime(file), Files.size(file)));
      }
    }
    aged.sort(Comparator.comparing(Aged::used));
    long bytes = aged.stream().mapToLong(Aged::bytes).sum();
    for (Aged each : aged) {
      if (bytes > mostBytes && !each.file().equals(kept)) {
        Files.deleteIfExists(each.file());
        bytes -= each.bytes();
      }
    }
  }

  private Path keyed(ContextShelf.Slot slot, Prompt origin) {
    return folder
        .resolve(KEYED)
        .resolve(hash(slot.key() + '\n' + slot.press()) + "-" + hash(origin.toString()) + SUFFIX);
  }

  private static String hash(String text) {
    return Hashing.sha256()
        .hashString(text, StandardCharsets.UTF_8)
        .toString()
        .substring(0, HASH_CHARACTERS);
  }
}
