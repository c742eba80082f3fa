package dev.kvpress.runtime.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.file.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of an entry of the cache and what was in them when it was made. Disks and people damage
 * files without changing their size, and weights with other numbers give figures all the same.
 */
final class EntryFiles {
  private static final String KEY = "sha256";

  private final Path folder;
  private final List<String> names = new ArrayList<>();
  private final ContentHash content;

  /**
   * Of an entry.
   *
   * @param cacheDir that remembers hashes
   * @param fusable whether it has a fused graph
   */
  EntryFiles(Path cacheDir, Path folder, boolean fusable) {
    this.folder = folder;
    names.add(ExportedModel.WEIGHTS);
    names.add(ExportedModel.DECOMPOSED);
    if (fusable) {
      names.add(ExportedModel.FUSED);
    }
    content = ContentHash.inCache(cacheDir);
  }

  /** Notes what is in the files. */
  void describe(ObjectNode description) throws IOException {
    ObjectNode hashes = description.putObject(KEY);
    for (String name : names) {
      hashes.put(name, content.of(folder.resolve(name)));
    }
  }

  /** Whether all files are there with what was in them. */
  boolean areWhole() throws IOException {
    Path description = folder.resolve(ExportedModel.DESCRIPTION);
    if (!Files.isRegularFile(description)) {
      return false;
    }
    JsonNode hashes;
    try {
      hashes = JsonMapper.builder().build().readTree(Files.readAllBytes(description)).path(KEY);
    } catch (JsonProcessingException e) {
      return false;
    }
    for (String name : names) {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file) || !content.of(file).equals(hashes.path(name).asText())) {
        return false;
      }
    }
    return true;
  }
}
