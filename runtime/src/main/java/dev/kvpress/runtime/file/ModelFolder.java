package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a model lies in what was named: the Hugging Face hub keeps each of its repositories as a
 * folder {@code models--owner--name} with one snapshot for each revision that was fetched.
 */
public final class ModelFolder {
  private static final String SNAPSHOTS = "snapshots";
  private static final String MAIN = "refs/main";
  private static final String CONFIG = "config.json";

  /** No more are looked at or named; this is for a message. */
  private static final int MOST = 20;

  private ModelFolder() {}

  /**
   * The snapshot of a hub repository that has one; anything else as it is.
   *
   * @param model what was named as model
   * @throws ModelException if there are several snapshots or none, listing them
   */
  public static Path resolve(Path model) {
    Path snapshots = model.resolve(SNAPSHOTS);
    if (!Files.isDirectory(snapshots) || Files.exists(model.resolve(CONFIG))) {
      return model;
    }
    List<Path> found = folders(snapshots);
    if (found.isEmpty()) {
      throw new ModelException(
          model + ": this folder of the hub's cache holds no snapshot; fetch the model again");
    }
    if (found.size() > 1) {
      throw new ModelException(
          "%s: this folder of the hub's cache holds several snapshots%s; give one of %s"
              .formatted(model, main(model), found));
    }
    return found.get(0);
  }

  private static String main(Path model) {
    try {
      String revision = Files.readString(model.resolve(MAIN)).strip();
      boolean known = Files.isDirectory(model.resolve(SNAPSHOTS).resolve(revision));
      return known ? " (the branch main is " + revision + ")" : "";
    } catch (IOException | IllegalArgumentException e) {
      return "";
    }
  }

  /** Folders in a folder that hold a model themselves, for a message. */
  public static List<Path> inside(Path folder) {
    return folders(folder).stream()
        .filter(f -> Files.exists(f.resolve(CONFIG)) || Files.isDirectory(f.resolve(SNAPSHOTS)))
        .toList();
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().limit(MOST).toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot read: " + FileFaults.reason(e), e);
    }
  }
}
