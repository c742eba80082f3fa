package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Small checkpoints that come quantized, each with logits of the original modelling code. */
public final class QuantizedFolders {
  private static final Path ROOT = Path.of("../test-data/reference/quantized");

  private QuantizedFolders() {}

  /** All of them, by name. */
  public static List<Path> all() throws IOException {
    try (Stream<Path> found = Files.list(ROOT)) {
      return found.filter(Files::isDirectory).sorted().toList();
    }
  }

  /** One of them. */
  public static Path named(String name) {
    return ROOT.resolve(name);
  }

  /** The token ids that the logits belong to. */
  static long[] ids(Path folder) {
    JsonNode ids = ReferenceFolders.reference(folder).get("input_ids");
    return StreamSupport.stream(ids.spliterator(), false).mapToLong(JsonNode::longValue).toArray();
  }
}
