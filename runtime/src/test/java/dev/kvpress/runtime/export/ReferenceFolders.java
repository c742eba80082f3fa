package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Small models of every architecture, each with numbers of the original modelling code. Those of
 * another folder instead: {@code -Dkvpress.reference=FOLDER}.
 */
public final class ReferenceFolders {
  /** Property that names a folder of such folders. */
  public static final String PROPERTY = "kvpress.reference";

  private static final List<Path> ROOTS =
      List.of(
          Path.of("../test-data/reference/architectures"), Path.of("../../shared/models/hf-tiny"));

  private ReferenceFolders() {}

  /** All folders that are there. */
  public static List<Path> all() throws IOException {
    String given = System.getProperty(PROPERTY);
    List<Path> folders = new ArrayList<>();
    for (Path root : given == null ? ROOTS : List.of(Path.of(given))) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> found = Files.list(root)) {
          found
              .filter(f -> Files.exists(f.resolve("reference.json")))
              .sorted()
              .forEach(folders::add);
        }
      }
    }
    return folders;
  }

  /** The numbers of a folder. */
  public static JsonNode reference(Path folder) {
    try {
      return JsonMapper.builder().build().readTree(folder.resolve("reference.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
