package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.LfsPointer;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a graph that lie in files beside it. Where they lie is decided by the words of the
 * graph alone: a location stays in the folder of the graph or is refused. The file that is found
 * there may be a link to anywhere, as in the cache of the Hugging Face hub, since links are made by
 * the owner of the folder and not by the author of the graph.
 */
public final class ExternalData {

  /** A piece of a file. */
  private record Piece(String tensor, long offset, long end) {}

  /**
   * A model whose external data an engine can open.
   *
   * @param model with locations relative to the folder
   * @param folder that holds all its data, links followed
   */
  public record Placed(ModelProto model, Path folder) {}

  private final Path folder;

  private ExternalData(Path folder) {
    this.folder = folder;
  }

  /** The files that hold numbers of a model, by what the graph calls them. */
  static Map<String, Path> files(ModelProto model, Path folder) {
    ExternalData data = new ExternalData(folder);
    Map<String, Path> files = new TreeMap<>();
    for (TensorProto tensor : Tensors.of(model)) {
      if (isExternal(tensor)) {
        String location = entry(tensor, "location");
        files.computeIfAbsent(location, l -> data.resolve(tensor, l));
      }
    }
    return files;
  }

  /**
   * Checks that all numbers are there and none is said to lie where it cannot.
   *
   * @throws ModelException naming file and tensor
   */
  static void check(ModelProto model, Path folder) {
    ExternalData data = new ExternalData(folder);
    Map<Path, List<Piece>> pieces = new LinkedHashMap<>();
    Map<Path, Long> sizes = new HashMap<>();
    for (TensorProto tensor : Tensors.of(model)) {
      if (isExternal(tensor)) {
        Path file = data.resolve(tensor, entry(tensor, "location"));
        long size = sizes.computeIfAbsent(file, f -> size(tensor, f));
        pieces.computeIfAbsent(file, f -> new ArrayList<>()).add(piece(tensor, file, size));
      }
    }
    pieces.forEach(ExternalData::requireApart);
  }

  private static long size(TensorProto tensor, Path file) {
    LfsPointer.refuse(file);
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new ModelException(
          "%s: initializer %s lies in this file, which cannot be read: %s"
              .formatted(file, tensor.getName(), FileFaults.reason(e)),
          e);
    }
  }

  private static Piece piece(TensorProto tensor, Path file, long size) {
    long offset = number(tensor, "offset", 0);
    long needed = Tensors.bytes(tensor);
    long length = number(tensor, "length", needed < 0 ? Math.max(0, size - offset) : needed);
    if (offset < 0 || length < 0 || offset > size || length > size - offset) {
      throw new ModelException(
          "%s: initializer %s: expected %d bytes from byte %d on, found a file of %d"
              .formatted(file, tensor.getName(), length, offset, size));
    }
    if (needed >= 0 && length != needed) {
      throw new ModelException(
          "%s: initializer %s: expected %d bytes for shape %s, found a length of %d"
              .formatted(file, tensor.getName(), needed, tensor.getDimsList(), length));
    }
    return new Piece(tensor.getName(), offset, offset + length);
  }

  /** Tied weights may share one piece; pieces that share a part are damage. */
  private static void requireApart(Path file, List<Piece> pieces) {
    List<Piece> sorted = new ArrayList<>(pieces);
    sorted.sort(Comparator.comparingLong(Piece::offset).thenComparingLong(Piece::end));
    for (int i = 1; i < sorted.size(); i++) {
      Piece a = sorted.get(i - 1);
      Piece b = sorted.get(i);
      boolean same = a.offset == b.offset && a.end == b.end;
      if (b.offset < a.end && !same) {
        throw new ModelException(
            "%s: initializers %s (bytes %d to %d) and %s (bytes %d to %d) overlap"
                .formatted(file, a.tensor, a.offset, a.end, b.tensor, b.offset, b.end));
      }
    }
  }

  /**
   * Puts a model so that an engine which follows links and then insists on one folder can open it:
   * the folder is the one above all files that the links lead to.
   *
   * @param folder of the graph
   */
  public static Placed place(ModelProto model, Path folder) {
    Map<String, Path> files = files(model, folder);
    Map<String, Path> real = new HashMap<>();
    boolean links = false;
    for (Map.Entry<String, Path> file : files.entrySet()) {
      try {
        Path target = file.getValue().toRealPath();
        real.put(file.getKey(), target);
        links |= !target.startsWith(folder.toRealPath());
      } catch (IOException e) {
        throw new ModelException(
            file.getValue() + ": external data cannot be read: " + FileFaults.reason(e), e);
      }
    }
    if (!links) {
      return new Placed(model, folder);
    }
    Path above = null;
    for (Path target : real.values()) {
      above = above == null ? target.getParent() : common(above, target);
    }
    Path root = Objects.requireNonNull(above);
    Map<String, String> locations = new HashMap<>();
    real.forEach(
        (location, target) ->
            locations.put(location, root.relativize(target).toString().replace('\\', '/')));
    return new Placed(moved(model, locations), root);
  }

  private static Path common(Path folder, Path file) {
    Path above = folder;
    while (above != null && !file.startsWith(above)) {
      above = above.getParent();
    }
    if (above == null) {
      throw new ModelException(
          "external data lie under %s and in %s, which have no folder in common; copy them into one"
              .formatted(folder, file));
    }
    return above;
  }

  /**
   * A constant as it is referred to from a folder above.
   *
   * @param folder that its reference is relative to
   * @param root above the folder
   * @throws ModelException if the reference leads out of its folder
   */
  public static TensorProto from(Path root, Path folder, TensorProto tensor) {
    String location = entry(tensor, "location");
    Path file = new ExternalData(folder).resolve(tensor, location);
    return moved(tensor, Map.of(location, root.relativize(file).toString().replace('\\', '/')));
  }

  /** The model with other names for files; those that are not named stay. */
  static ModelProto moved(ModelProto model, Map<String, String> locations) {
    return locations.isEmpty()
        ? model
        : Tensors.mapped(model, tensor -> isExternal(tensor) ? moved(tensor, locations) : tensor);
  }

  private static TensorProto moved(TensorProto tensor, Map<String, String> locations) {
    TensorProto.Builder moved = tensor.toBuilder().clearExternalData();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      String value =
          entry.getKey().equals("location")
              ? locations.getOrDefault(entry.getValue(), entry.getValue())
              : entry.getValue();
      moved.addExternalData(entry.toBuilder().setValue(value));
    }
    return moved.build();
  }

  /** The file of a location, links not followed. */
  public static Path resolve(TensorProto tensor, Path folder) {
    return new ExternalData(folder).resolve(tensor, entry(tensor, "location"));
  }

  private Path resolve(TensorProto tensor, String location) {
    try {
      Path path = Path.of(location);
      boolean inside = !location.isEmpty() && !path.isAbsolute() && !location.startsWith("/");
      for (Path step : path) {
        inside &= !step.toString().equals("..");
      }
      if (inside) {
        return folder.resolve(path).normalize();
      }
    } catch (InvalidPathException e) {
      throw outside(tensor, location, e);
    }
    throw outside(tensor, location, null);
  }

  private ModelException outside(TensorProto tensor, String location, @Nullable Throwable cause) {
    return new ModelException(
        "initializer %s: expected external data in the folder of the graph, found location '%s' (the graph lies in %s)"
            .formatted(tensor.getName(), location, folder),
        cause);
  }

  /** Whether the numbers of a constant lie in a file. */
  public static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /** File and first byte of a tensor's data, as they are written in the graph. */
  static String place(TensorProto tensor) {
    return entry(tensor, "location") + "@" + number(tensor, "offset", 0);
  }

  /** A number among the entries of a tensor, or another where it is not said. */
  public static long number(TensorProto tensor, String key, long otherwise) {
    String text = entry(tensor, key);
    try {
      return text.isEmpty() ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ModelException(
          "initializer %s: expected a number as %s of its external data, found '%s'"
              .formatted(tensor.getName(), key, text),
          e);
    }
  }

  private static String entry(TensorProto tensor, String key) {
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        return entry.getValue();
      }
    }
    return "";
  }
}
