package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.FilePieces;
import dev.kvpress.runtime.onnx.ModelProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes graphs whose weights lie in files of another one. */
public final class GraphFile {
  private GraphFile() {}

  /**
   * What was written.
   *
   * @param shared files of weights that the graph refers to where they were
   * @param copied files of weights that were copied beside it
   */
  public record Written(List<Path> shared, List<Path> copied) {
    /** Keeps copies. */
    public Written {
      shared = List.copyOf(shared);
      copied = List.copyOf(copied);
    }
  }

  /**
   * Writes a graph. Weights that lie in the folder of the file, or below it, are referred to; ONNX
   * allows no reference out of this folder, so that others are copied into it.
   *
   * @param model with references to external data
   * @param folder that these are relative to
   * @param file where it goes; it must not exist, nor must copies of its weights
   * @throws ModelException if something is in the way or cannot be written
   */
  public static Written write(ModelProto model, Path folder, Path file) {
    requireFree(file);
    Path target = file.toAbsolutePath().normalize().getParent();
    if (target == null) {
      throw new ModelException(file + ": expected the name of a file");
    }
    List<Path> shared = new ArrayList<>();
    Map<Path, Path> copies = new LinkedHashMap<>();
    Map<String, String> locations = new HashMap<>();
    ExternalData.files(model, folder)
        .forEach(
            (location, data) -> {
              Path absolute = data.toAbsolutePath().normalize();
              if (isSame(folder, target)) {
                shared.add(data);
              } else if (absolute.startsWith(target)) {
                shared.add(data);
                String below = target.relativize(absolute).toString().replace('\\', '/');
                locations.put(location, below);
              } else {
                copies.put(data, target.resolve(location).normalize());
              }
            });
    copies.values().forEach(GraphFile::requireFree);
    // The data first: a graph must never be there without what it refers to.
    copies.forEach(GraphFile::copy);
    ByteBuffer bytes = ByteBuffer.wrap(ExternalData.moved(model, locations).toByteArray());
    try {
      AtomicFile.write(file, out -> AtomicFile.writeFully(out, bytes));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot write: " + FileFaults.reason(e), e);
    }
    return new Written(shared, List.copyOf(copies.values()));
  }

  private static void requireFree(Path file) {
    if (Files.exists(file)) {
      throw new ModelException(
          "%s: exists already and is not written over; give another name or folder"
              .formatted(file));
    }
  }

  private static boolean isSame(Path folder, Path other) {
    try {
      return Files.isDirectory(other) && Files.isSameFile(folder, other);
    } catch (IOException e) {
      throw new ModelException(other + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  private static void copy(Path from, Path to) {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ)) {
      AtomicFile.write(to, out -> FilePieces.copy(in, 0, in.size(), out));
    } catch (IOException e) {
      throw new ModelException(
          "%s: cannot copy the weights %s: %s".formatted(to, from, FileFaults.reason(e)), e);
    }
  }
}
