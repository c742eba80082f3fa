package dev.kvpress.compare.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files that are named by a URI, through Hadoop's file systems: whatever Spark reads, models, data
 * and results may lie in.
 *
 * @param configuration of the file systems
 */
record RemoteFiles(Configuration configuration) {
  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.+|file:/[^/].*");
  private static final int NAME_LENGTH = 16;
  private static final String PART = ".part";

  /** Its lines are of use to every run, whoever has written them. */
  private static final String JOURNAL = "journal.jsonl";

  /** Whether a text names such files. */
  static boolean isUri(String text) {
    return URI.matcher(text).matches();
  }

  /** One file below a URI: its way from there, empty for the URI itself. */
  private record Found(String inside, FileStatus status) {}

  /**
   * Brings a file or folder to this host, once for all processes of it.
   *
   * @return where it lies; its last name is that of the URI
   * @throws UncheckedIOException if it is not there or cannot be read
   */
  java.nio.file.Path fetch(String uri, HostCache cache) {
    try {
      Path from = new Path(uri);
      FileSystem files = from.getFileSystem(configuration);
      List<Found> found = list(files, from);
      String name = from.getName();
      java.nio.file.Path folder =
          cache.folder(
              "files-" + hash(files, uri, found), part -> copy(files, found, part.resolve(name)));
      return folder.resolve(name);
    } catch (IOException | RuntimeException | LinkageError | FSError e) {
      throw FileFault.of("read", uri, e);
    }
  }

  /**
   * Brings the files below a URI into a folder that becomes a copy of them. Of a file whose writer
   * was stopped between two names there is only the new one under its other name. A journal of the
   * folder stays if it goes on where the one below the URI ends, as a run of this host leaves it
   * that was killed before it could write it there. A folder with another journal, or one of which
   * nothing is below the URI, is set aside: its lines are of another run.
   *
   * @param notices is told where to
   */
  void pull(String uri, java.nio.file.Path folder, Consumer<String> notices) {
    try {
      Path from = new Path(uri);
      FileSystem files = from.getFileSystem(configuration);
      List<Found> found = files.exists(from) ? whole(list(files, from)) : List.of();
      Optional<Found> journal =
          found.stream().filter(one -> one.inside().equals(JOURNAL)).findFirst();
      WorkingFolder working = new WorkingFolder(folder);
      WorkingFolder.Journals journals = WorkingFolder.Journals.APART;
      if (journal.isPresent()) {
        try (InputStream in = files.open(journal.get().status().getPath())) {
          journals = working.compare(in, JOURNAL);
        }
      }
      if (journals == WorkingFolder.Journals.APART) {
        working.setAside(uri, found.isEmpty()).ifPresent(notices);
      }
      boolean keeps = journals == WorkingFolder.Journals.GOES_ON_HERE;
      copy(
          files,
          found.stream().filter(one -> !(keeps && one.inside().equals(JOURNAL))).toList(),
          folder);
    } catch (IOException | RuntimeException | LinkageError | FSError e) {
      throw FileFault.of("read", uri, e);
    }
  }

  /**
   * Writes the files of a folder below a URI, each under another name first, so that a reader sees
   * the old or the new one and never half of it.
   *
   * @param written sizes and times of the files as they were written before, by name; those that
   *     are as they were are left out
   */
  void push(java.nio.file.Path folder, String uri, Map<String, String> written) {
    List<java.nio.file.Path> sources;
    try (Stream<java.nio.file.Path> walk = Files.walk(folder)) {
      // Names with a dot first are of the run that writes here: locks and parts.
      sources =
          walk.filter(file -> Files.isRegularFile(file) && !isHidden(folder, file))
              .sorted()
              .toList();
      Path to = new Path(uri);
      FileSystem files = to.getFileSystem(configuration);
      for (java.nio.file.Path source : sources) {
        String inside = folder.relativize(source).toString().replace('\\', '/');
        String state = Files.size(source) + " " + Files.getLastModifiedTime(source);
        if (state.equals(written.get(inside))) {
          continue;
        }
        Path target = new Path(to, inside);
        replace(files, new Path(source.toUri()), target);
        written.put(inside, state);
      }
    } catch (IOException | RuntimeException | LinkageError | FSError e) {
      throw FileFault.of("write", uri, e);
    }
  }

  /**
   * Writes a file under another name and renames it. The other name of one that is there already is
   * taken for whole once the old one is gone, so a new file, which may be torn while there is no
   * old one, is hidden until it is whole.
   */
  private static void replace(FileSystem files, Path source, Path target) throws IOException {
    boolean there = files.exists(target);
    Path visible = new Path(target.getParent(), target.getName() + PART);
    Path part = there ? visible : new Path(target.getParent(), "." + visible.getName());
    try {
      files.copyFromLocalFile(false, true, source, part);
    } catch (IOException | RuntimeException | FSError e) {
      try {
        files.delete(part, false);
      } catch (IOException | RuntimeException | FSError left) {
        e.addSuppressed(left);
      }
      throw e;
    }
    if (there) {
      files.delete(target, false);
    }
    if (!files.rename(part, target)) {
      throw new IOException("%s cannot be renamed to %s".formatted(part, target.getName()));
    }
    if (!there) {
      // Of a writer that was stopped between two names; what came since is in its place.
      files.delete(visible, false);
    }
  }

  private static List<Found> whole(List<Found> found) {
    Set<String> names = found.stream().map(Found::inside).collect(Collectors.toSet());
    List<Found> whole = new ArrayList<>();
    for (Found one : found) {
      if (one.status().getPath().getName().startsWith(".")) {
        // A mark of the run that writes there.
        continue;
      }
      if (!one.inside().endsWith(PART)) {
        whole.add(one);
        continue;
      }
      String name = one.inside().substring(0, one.inside().length() - PART.length());
      if (!names.contains(name)) {
        whole.add(new Found(name, one.status()));
      }
    }
    return whole;
  }

  private static boolean isHidden(java.nio.file.Path folder, java.nio.file.Path file) {
    for (java.nio.file.Path part : folder.relativize(file)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static List<Found> list(FileSystem files, Path from) throws IOException {
    FileStatus root = files.getFileStatus(from);
    List<Found> found = new ArrayList<>();
    collect(files, root, "", found);
    found.sort(Comparator.comparing(Found::inside));
    return found;
  }

  private static void collect(FileSystem files, FileStatus status, String inside, List<Found> found)
      throws IOException {
    if (!status.isDirectory()) {
      found.add(new Found(inside, status));
      return;
    }
    for (FileStatus child : files.listStatus(status.getPath())) {
      String name = child.getPath().getName();
      collect(files, child, inside.isEmpty() ? name : inside + "/" + name, found);
    }
  }

  /** Of all that tells the content without reading it; where nothing does, no two are the same. */
  private static String hash(FileSystem files, String uri, List<Found> found) throws IOException {
    StringBuilder all = new StringBuilder(uri);
    for (Found one : found) {
      FileStatus status = one.status();
      FileChecksum sum = files.getFileChecksum(status.getPath());
      all.append('\n').append(one.inside()).append('\t').append(status.getLen());
      all.append('\t').append(status.getModificationTime());
      all.append('\t').append(sum == null ? "" : HexFormat.of().formatHex(sum.getBytes()));
      if (sum == null && status.getModificationTime() <= 0) {
        all.append('\t').append(UUID.randomUUID());
      }
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, NAME_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void copy(FileSystem files, List<Found> found, java.nio.file.Path target)
      throws IOException {
    for (Found one : found) {
      java.nio.file.Path file = one.inside().isEmpty() ? target : target.resolve(one.inside());
      Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
      try (var in = files.open(one.status().getPath())) {
        long bytes = Files.copy(in, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        if (bytes != one.status().getLen()) {
          throw new IOException(
              "%s: expected %,d bytes as it was listed, found %,d; it changed while it was read"
                  .formatted(one.status().getPath(), one.status().getLen(), bytes));
        }
      }
    }
  }
}
