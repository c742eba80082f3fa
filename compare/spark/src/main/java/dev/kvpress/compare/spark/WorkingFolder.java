package dev.kvpress.compare.spark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of this host in which a run works whose results belong elsewhere.
 *
 * @param folder where it is
 */
record WorkingFolder(Path folder) {
  /** How a journal of the folder stands to the one that lies elsewhere. */
  enum Journals {
    /** It has all lines of the other one, and maybe more behind them. */
    GOES_ON_HERE,

    /** There is none, or the other one has all its lines. */
    GOES_ON_THERE,

    /** Each has what the other has not. */
    APART
  }

  /** Compares, byte by byte. */
  Journals compare(InputStream other, String name) throws IOException {
    Path own = folder.resolve(name);
    if (!Files.exists(own)) {
      return isEmpty() ? Journals.GOES_ON_THERE : Journals.APART;
    }
    try (InputStream here = new BufferedInputStream(Files.newInputStream(own));
        InputStream there = new BufferedInputStream(other)) {
      while (true) {
        int theirs = there.read();
        int ours = here.read();
        if (theirs < 0) {
          return Journals.GOES_ON_HERE;
        }
        if (ours < 0) {
          return Journals.GOES_ON_THERE;
        }
        if (ours != theirs) {
          return Journals.APART;
        }
      }
    }
  }

  private boolean isEmpty() throws IOException {
    if (!Files.isDirectory(folder)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      // Locks have a dot first.
      return entries.allMatch(entry -> entry.getFileName().toString().startsWith("."));
    }
  }

  /**
   * Begins anew in an empty folder.
   *
   * @param uri where the results belong
   * @param none whether nothing lies there
   * @return a remark on where the old one is; empty if nothing was in it
   */
  Optional<String> setAside(String uri, boolean none) throws IOException {
    if (isEmpty()) {
      return Optional.empty();
    }
    Path aside = folder;
    for (int number = 1; Files.exists(aside); number++) {
      aside = folder.resolveSibling(folder.getFileName() + ".aside-" + number);
    }
    Files.move(folder, aside);
    Files.createDirectories(folder);
    return Optional.of(
        "--output: %s; what an earlier run left on this host is not gone on with and lies in %s"
            .formatted(
                none
                    ? "nothing is below " + uri
                    : "below %s are results of another run".formatted(uri),
                aside));
  }
}
