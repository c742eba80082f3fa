package dev.kvpress.compare.serve.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of the page for people, which lie on the class path and are few. */
public final class PageFiles {
  /** What a browser may load for the page: what the server itself gives, and nothing inline. */
  public static final String SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String FOLDER = "/serve/page";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "txt", "text/plain; charset=utf-8");

  private final Map<String, PageFile> files;

  private PageFiles(Map<String, PageFile> files) {
    this.files = files;
  }

  /**
   * A file.
   *
   * @param type as browsers are told
   */
  record PageFile(String type, byte[] bytes) {}

  /** All there are, by name; none where the page is not on the class path. */
  static PageFiles load() {
    URL folder = PageFiles.class.getResource(FOLDER);
    if (folder == null) {
      return new PageFiles(Map.of());
    }
    try {
      URI place = folder.toURI();
      if (!place.getScheme().equals("jar")) {
        return new PageFiles(read(Path.of(place)));
      }
      try (FileSystem jar = FileSystems.newFileSystem(place, Map.of())) {
        return new PageFiles(read(jar.getPath(FOLDER)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the files of the page cannot be read", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the files of the page have no place", e);
    }
  }

  private static Map<String, PageFile> read(Path folder) throws IOException {
    Map<String, PageFile> files = new LinkedHashMap<>();
    List<Path> found;
    try (Stream<Path> all = Files.list(folder)) {
      found = all.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
    }
    for (Path file : found) {
      String name = String.valueOf(file.getFileName());
      String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      String type = TYPES.get(ending);
      if (type == null) {
        throw new IllegalStateException(
            "the file %s of the page: expected an ending of %s".formatted(name, TYPES.keySet()));
      }
      files.put(name, new PageFile(type, Files.readAllBytes(file)));
    }
    return files;
  }

  /** By name. */
  Map<String, PageFile> files() {
    return files;
  }
}
