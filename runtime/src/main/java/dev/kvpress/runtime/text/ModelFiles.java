package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The files beside a model: those of its folder, and where that is a part of a repository ({@code
 * onnx/}), those of the repository above it.
 *
 * @param folders in the order in which a name is looked for
 */
record ModelFiles(List<Path> folders) {
  /** Configuration files take kilobytes; those with thousands of added tokens a megabyte. */
  private static final long MAX_CONFIGURATION_BYTES = 16L << 20;

  private static final byte[] LFS_POINTER =
      "version https://git-lfs.github.com/".getBytes(StandardCharsets.US_ASCII);

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private static final String CONFIGURATION = "config.json";
  private static final String GRAPHS = "onnx";

  ModelFiles {
    folders = List.copyOf(folders);
  }

  /** The files beside a model. */
  static ModelFiles of(Path folder) {
    Path whole = folder.toAbsolutePath().normalize();
    Path above = whole.getParent();
    boolean part =
        above != null
            && (String.valueOf(whole.getFileName()).equals(GRAPHS)
                || !Files.exists(folder.resolve(CONFIGURATION))
                    && Files.exists(above.resolve(CONFIGURATION)));
    return new ModelFiles(part ? List.of(folder, above) : List.of(folder));
  }

  /** A file by its name. Links count as what they lead to. */
  Optional<Path> find(String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * The content of a JSON file; a missing node if there is none.
   *
   * @throws ModelException if it is no JSON
   */
  JsonNode json(String name) {
    return find(name).map(file -> json(file, MAX_CONFIGURATION_BYTES)).orElse(missing());
  }

  private static JsonNode missing() {
    return MissingNode.getInstance();
  }

  static JsonNode json(Path file, long maxBytes) {
    try {
      JsonNode root = JSON.readTree(read(file, maxBytes));
      return root == null ? missing() : root;
    } catch (JsonProcessingException e) {
      throw malformed(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * A whole file.
   *
   * @throws ModelException if it is too large, cannot be read, or only points to the real one
   */
  static byte[] read(Path file, long maxBytes) {
    try {
      long size = Files.size(file);
      if (size > maxBytes) {
        throw new ModelException(
            file + ": expected at most " + maxBytes + " bytes, found " + size + "; is it broken?");
      }
      byte[] content = Files.readAllBytes(file);
      if (content.length >= LFS_POINTER.length
          && Arrays.equals(content, 0, LFS_POINTER.length, LFS_POINTER, 0, LFS_POINTER.length)) {
        throw new ModelException(
            file
                + ": found a Git LFS pointer instead of the file; run 'git lfs pull' in its"
                + " repository, or download the file itself");
      }
      return content;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static ModelException unreadable(Path file, IOException e) {
    return new ModelException(file + ": cannot be read: " + e, e);
  }

  /** One line for a file that is no JSON. */
  static ModelException malformed(Path file, JsonProcessingException e) {
    String place =
        e.getLocation() == null
            ? ""
            : "line " + e.getLocation().getLineNr() + " column " + e.getLocation().getColumnNr();
    return new ModelException(
        file + ": " + place + ": expected JSON: " + e.getOriginalMessage() + "; is it complete?",
        e);
  }
}
