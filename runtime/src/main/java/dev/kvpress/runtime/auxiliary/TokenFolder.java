package dev.kvpress.runtime.auxiliary;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.file.ModelFolder;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder of trained tokens and the adapter that they pass through, as RestoreKV publishes them.
 *
 * @param name of the tokens: {@code restorekv}, or {@code restorekv_plus} where the folder's name
 *     ends so
 * @param folder that holds the files
 */
record TokenFolder(String name, Path folder) {
  private static final String PLAIN = "restorekv";
  private static final String PLUS = "restorekv_plus";
  private static final String SNAPSHOTS = "snapshots";
  private static final String EMBEDDINGS = "restore_embeddings";

  /** All names that presses ask for. */
  static final List<String> NAMES = List.of(PLAIN, PLUS);

  /** What a path that somebody gave holds, if it is such a folder. */
  static Optional<TokenFolder> of(Path path) {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    Path folder = ModelFolder.resolve(path).toAbsolutePath().normalize();
    if (!Files.exists(folder.resolve(EMBEDDINGS + ".safetensors"))) {
      return Optional.empty();
    }
    Path named = folder;
    Path parent = folder.getParent();
    if (parent != null && parent.endsWith(SNAPSHOTS) && parent.getParent() != null) {
      named = parent.getParent();
    }
    return Optional.of(
        new TokenFolder(
            String.valueOf(named.getFileName()).endsWith("_plus") ? PLUS : PLAIN, folder));
  }

  /** Such folders directly in another one, by name. */
  static List<TokenFolder> in(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().map(TokenFolder::of).flatMap(Optional::stream).toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot list: " + FileFaults.reason(e), e);
    }
  }

  /** The name of a tensor of embeddings without its end; empty where it is another tensor. */
  static Optional<String> nameOf(String tensor) {
    return NAMES.stream().filter(name -> tensor.equals(tensor(name))).findFirst();
  }

  private static String tensor(String name) {
    return name + ".embeddings";
  }

  /**
   * The embeddings, which every layer shows.
   *
   * @throws ModelException if the file does not hold them alone
   */
  List<AuxiliaryTensor> tensors(int layers) {
    Path file = folder.resolve(EMBEDDINGS + ".safetensors");
    SafetensorsFile.Entry entry = SafetensorsFile.read(file).get(EMBEDDINGS);
    if (entry == null || entry.decoder().isEmpty()) {
      throw new ModelException(
          "%s: expected a tensor %s of F32, F16 or BF16, found %s"
              .formatted(file, EMBEDDINGS, entry == null ? "none" : entry.type()));
    }
    List<AuxiliaryTensor> tensors = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      tensors.add(AuxiliaryTensor.whole(tensor(name), l, entry));
    }
    return tensors;
  }

  /** The files that decide what the tokens give, as far as they are there. */
  List<Path> files() {
    return Stream.of(
            EMBEDDINGS + ".safetensors", "adapter_config.json", "adapter_model.safetensors")
        .map(folder::resolve)
        .filter(Files::exists)
        .toList();
  }
}
