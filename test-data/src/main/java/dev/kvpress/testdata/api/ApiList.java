package dev.kvpress.testdata.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The public API of a module beside the list of it in {@code docs/api}. {@code bin/update-api}
 * writes the lists anew; what it changes is then seen, and said in the changelog.
 */
public final class ApiList {
  /** System property with which {@code bin/update-api} asks for the list to be written. */
  public static final String WRITE = "kvpress.api.write";

  private final Path file;
  private final Set<String> found;

  ApiList(Path file, Collection<String> found) {
    this.file = file;
    this.found = new TreeSet<>(found);
  }

  /**
   * The API of a module, written into its list first if that was asked for.
   *
   * @param module name of the module
   * @param member any class of it
   * @param generated packages of generated classes, which are no API
   */
  public static ApiList of(String module, Class<?> member, Set<String> generated) {
    Path file = Path.of(System.getProperty("kvpress.root"), "docs/api", module + ".txt");
    ApiList list = new ApiList(file, PublicApi.of(folderOf(member), generated));
    if (Boolean.getBoolean(WRITE)) {
      list.write();
    }
    return list;
  }

  private static Path folderOf(Class<?> member) {
    try {
      return Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the classes beside " + member + " are in no folder", e);
    }
  }

  void write() {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, String.join("\n", found) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /** What differs, {@code -} for lines of the list alone and {@code +} for those of the classes. */
  public List<String> difference() {
    Set<String> listed;
    try {
      listed = new TreeSet<>(Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read; bin/update-api writes it", e);
    }
    Set<String> all = new TreeSet<>(listed);
    all.addAll(found);
    List<String> difference = new ArrayList<>();
    for (String line : all) {
      if (!found.contains(line)) {
        difference.add("- " + line);
      } else if (!listed.contains(line)) {
        difference.add("+ " + line);
      }
    }
    return difference;
  }
}
