package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.file.SafetensorsFile;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files of a Hugging Face folder hold the weights.
 *
 * @param files index and safetensors files, in a fixed order
 * @param tensors everything stored in them
 * @param notices what is worth saying about the choice
 */
record WeightFiles(List<Path> files, List<Entry> tensors, List<Remark> notices) {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.safetensors");
  private static final Pattern INDEX_OF_ANY_NAME =
      Pattern.compile(".+\\.safetensors\\.index(\\..+)?\\.json");

  /** Safetensors files that hold no weights of a model in this layout. */
  private static final Pattern OTHER_LAYOUT =
      Pattern.compile("(adapter_|consolidated|optimizer|scheduler|training_|random_states).*");

  WeightFiles {
    files = List.copyOf(files);
    tensors = List.copyOf(tensors);
    notices = List.copyOf(notices);
  }

  /**
   * Finds them: by the usual names as transformers does (one file before an index), else by any
   * name if only one choice is there.
   *
   * @throws ModelException if there are none or several, or a file is damaged
   */
  static WeightFiles of(Path folder) {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    if (isThere(single)) {
      return new WeightFiles(
          List.of(single),
          List.copyOf(SafetensorsFile.read(single).values()),
          isThere(index)
              ? List.of(
                  Remark.onFigures(
                      "%s is taken, as transformers does; %s is not".formatted(SINGLE, INDEX)))
              : List.of());
    }
    if (isThere(index)) {
      return indexed(folder, index, List.of());
    }
    return byAnyName(folder);
  }

  /** A link to nothing counts, so that it is named and nothing else taken instead. */
  private static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static WeightFiles indexed(Path folder, Path index, List<Remark> before) {
    ShardIndex read = ShardIndex.read(index);
    List<Path> files = new ArrayList<>(List.of(index));
    files.addAll(read.shards());
    List<Entry> tensors = read.tensors();
    List<Remark> notices = new ArrayList<>(before);
    List<String> left =
        FolderList.names(folder).stream()
            .filter(WeightFiles::holdsWeights)
            .filter(name -> !files.contains(folder.resolve(name)))
            .toList();
    if (!left.isEmpty()) {
      notices.add(
          Remark.onFigures(
              "%s does not name %s, which is left out"
                  .formatted(index.getFileName(), String.join(", ", left))));
    }
    return new WeightFiles(files, tensors, notices);
  }

  private static boolean holdsWeights(String name) {
    return name.endsWith(".safetensors") && !OTHER_LAYOUT.matcher(name).matches();
  }

  private static WeightFiles byAnyName(Path folder) {
    List<String> names = FolderList.names(folder);
    List<String> choices = new ArrayList<>();
    List<String> indexes =
        names.stream().filter(name -> INDEX_OF_ANY_NAME.matcher(name).matches()).toList();
    Map<String, List<String>> shards = new TreeMap<>();
    for (String name : names.stream().filter(WeightFiles::holdsWeights).toList()) {
      Matcher shard = SHARD.matcher(name);
      if (!shard.matches()) {
        choices.add(name);
      } else if (indexes.isEmpty()) {
        shards
            .computeIfAbsent(shard.group(1) + " of " + shard.group(3), k -> new ArrayList<>())
            .add(name);
      }
    }
    choices.addAll(indexes);
    shards.values().forEach(group -> choices.add(group.get(0)));
    if (choices.isEmpty()) {
      throw ForeignFolder.noWeights(folder, names);
    }
    if (choices.size() > 1) {
      throw new ModelException(
          "%s: several files could hold the weights (%s); name the one to use %s, or give a folder without the others"
              .formatted(folder, String.join(", ", choices), SINGLE));
    }
    Path chosen = folder.resolve(choices.get(0));
    List<Remark> said =
        List.of(
            Remark.aside(
                "the weights are taken from %s; there is no %s".formatted(choices.get(0), SINGLE)));
    if (!indexes.isEmpty()) {
      return indexed(folder, chosen, said);
    }
    List<Path> files =
        shards.isEmpty() ? List.of(chosen) : complete(folder, shards.values().iterator().next());
    List<Entry> tensors = new ArrayList<>();
    files.forEach(file -> tensors.addAll(SafetensorsFile.read(file).values()));
    return new WeightFiles(files, tensors, said);
  }

  private static List<Path> complete(Path folder, List<String> shards) {
    Matcher last = SHARD.matcher(shards.get(0));
    int expected = last.matches() ? Integer.parseInt(last.group(3)) : shards.size();
    if (shards.size() != expected) {
      throw new ModelException(
          "%s: %s is missing, and of %d files only %d are there; fetch the model again"
              .formatted(folder, INDEX, expected, shards.size()));
    }
    return shards.stream().map(folder::resolve).toList();
  }
}
