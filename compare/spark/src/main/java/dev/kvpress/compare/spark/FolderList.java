package dev.kvpress.compare.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a folder holds, as a file in it says that is written last: length, time and SHA-256 of each
 * file. Names and lengths are looked at each time. Files up to 64 MiB are read too, once a process;
 * a longer one, as weights are, only where its time is not the one of the list, since to read all
 * of a large model in every process would cost more than to load it.
 */
final class FolderList {
  private static final String FILE = ".kvpress-files.json";
  private static final long LARGE = 64L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private FolderList() {}

  /**
   * One file.
   *
   * @param length in bytes
   * @param time of its last change, as this host's file system tells it
   * @param sha256 of its content
   */
  private record Listed(long length, String time, String sha256) {}

  /** Writes the list of a folder into it. */
  static void write(Path folder) throws IOException {
    Map<String, Listed> all = new TreeMap<>();
    for (String name : names(folder)) {
      Path file = folder.resolve(name);
      all.put(name, new Listed(Files.size(file), time(file), sha256(file)));
    }
    Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(all));
  }

  /**
   * Compares a folder with its list.
   *
   * @param first whether this process has not read the folder yet
   * @return what differs; empty if nothing does
   */
  static Optional<String> difference(Path folder, boolean first) throws IOException {
    Path list = folder.resolve(FILE);
    if (!Files.isRegularFile(list)) {
      return Optional.of("it has no list of its files");
    }
    Map<String, Listed> all;
    try {
      all = JSON.readValue(Files.readString(list), new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      return Optional.of("the list of its files cannot be read");
    }
    Set<String> names = names(folder);
    for (String name : names) {
      if (!all.containsKey(name)) {
        return Optional.of(name + " does not belong there");
      }
    }
    for (Map.Entry<String, Listed> one : all.entrySet()) {
      if (!names.contains(one.getKey())) {
        return Optional.of(one.getKey() + " is missing");
      }
      Path file = folder.resolve(one.getKey());
      Listed listed = one.getValue();
      if (Files.size(file) != listed.length()) {
        return Optional.of(
            "%s has %,d bytes, expected %,d"
                .formatted(one.getKey(), Files.size(file), listed.length()));
      }
      boolean read = (first && listed.length() <= LARGE) || !time(file).equals(listed.time());
      if (read && !sha256(file).equals(listed.sha256())) {
        return Optional.of(one.getKey() + " was changed");
      }
    }
    return Optional.empty();
  }

  private static Set<String> names(Path folder) throws IOException {
    Set<String> names = new TreeSet<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      names.add(folder.relativize(file).toString().replace('\\', '/'));
    }
    names.remove(FILE);
    return names;
  }

  private static String time(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toString();
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream hashed =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      hashed.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(hashed.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
