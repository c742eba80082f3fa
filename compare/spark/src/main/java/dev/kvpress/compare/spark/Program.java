package dev.kvpress.compare.spark;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The program of a worker as it gets to other hosts: its class path, entry by entry, in one
 * archive. Jars stay jars and folders folders, since a comparison tells its own code by both.
 *
 * @param name of the content
 * @param entries of the class path inside the archive, in order
 */
record Program(String name, List<String> entries) implements Serializable {
  private static final int NAME_LENGTH = 16;

  Program {
    // A list that Java can write, whichever one was given.
    entries = new ArrayList<>(entries);
  }

  /** The program of a class path: what every entry is called inside, and where it lies here. */
  static Program of(List<Path> classPath) {
    MessageDigest digest = sha256();
    try (OutputStream hashed = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      write(classPath, hashed);
    } catch (IOException e) {
      throw cannotRead(e);
    }
    String hash = HexFormat.of().formatHex(digest.digest()).substring(0, NAME_LENGTH);
    return new Program("program-" + hash, names(classPath));
  }

  /** The file of the archive. */
  String file() {
    return name + ".zip";
  }

  /** Writes the archive; the same content gives the same bytes. */
  static void write(List<Path> classPath, OutputStream raw) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(raw);
    // Jars are packed already.
    zip.setLevel(0);
    List<String> names = names(classPath);
    for (int i = 0; i < classPath.size(); i++) {
      Path entry = classPath.get(i);
      if (!Files.isDirectory(entry)) {
        add(zip, names.get(i), entry);
        continue;
      }
      for (Path file : files(entry)) {
        String inside = entry.relativize(file).toString().replace(File.separatorChar, '/');
        add(zip, names.get(i) + "/" + inside, file);
      }
    }
    zip.finish();
    zip.flush();
  }

  private static void add(ZipOutputStream zip, String name, Path file) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    zip.putNextEntry(entry);
    Files.copy(file, zip);
    zip.closeEntry();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Jars of the same name may come from different folders. */
  private static List<String> names(List<Path> classPath) {
    List<String> names = new ArrayList<>();
    for (Path entry : classPath) {
      names.add("%03d/%s".formatted(names.size(), entry.getFileName()));
    }
    return names;
  }

  /** Unpacks an archive into a folder. */
  static void unpack(Path archive, Path folder) throws IOException {
    try (InputStream raw = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(raw, StandardCharsets.UTF_8)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName()).normalize();
        if (!file.startsWith(folder)) {
          throw new IOException("an entry lies outside of the archive: " + entry.getName());
        }
        Files.createDirectories(file.resolveSibling("."));
        Files.copy(zip, file);
      }
    }
  }

  /** The class path once it is unpacked in a folder. */
  String classPath(Path folder) {
    return entries.stream()
        .map(entry -> folder.resolve(entry).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static UncheckedIOException cannotRead(IOException e) {
    return new UncheckedIOException("the class path cannot be read: " + e.getMessage(), e);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
