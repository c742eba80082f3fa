package dev.kvpress.compare.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a data set that lies in a folder as the Hugging Face hub keeps it. Its README may
 * begin with YAML whose {@code configs} tell the files of each split; without, the names of the
 * files do: {@code data/train-00000-of-00002.parquet}, {@code test.jsonl}.
 */
public final class DatasetFolder {
  private static final Pattern FRONT_MATTER =
      Pattern.compile("\\A\uFEFF?---\\R(.*?)\\R---\\s*(?:\\R|\\z)", Pattern.DOTALL);
  private static final Pattern NAMED =
      Pattern.compile(
          "(?:.*[._-])?(train|test|validation|valid|val|dev)(?:[._-].*)?",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern DATA =
      Pattern.compile(".*\\.(?:jsonl|json|ndjson|csv|tsv|parquet)(?:\\.(?:gz|zst))?");
  private static final String MAIN = "default";

  private final Path folder;
  private final SetMultimap<String, Path> splits = LinkedHashMultimap.create();

  private DatasetFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * The files of one split, in the order of their names.
   *
   * @param split its name; empty: the only one
   * @param config which of several configurations the README has; empty: the only or default one
   * @throws DataException naming what there is, if that is not one split
   */
  public static ImmutableList<Path> files(
      Path folder, Optional<String> split, Optional<String> config) {
    DatasetFolder set = new DatasetFolder(folder);
    set.read(config);
    if (set.splits.isEmpty()) {
      throw new DataException(
          folder
              + ": expected a data file or the folder of a data set (a README.md with configs, or files such as data/test-00000-of-00001.parquet), found neither; give one of the files in it");
    }
    if (split.isEmpty() && set.splits.keySet().size() > 1) {
      throw new DataException(
          "%s: has the splits %s; choose one with --split"
              .formatted(folder, String.join(", ", set.splits.keySet())));
    }
    String wanted = split.orElse(set.splits.keySet().iterator().next());
    if (!set.splits.containsKey(wanted)) {
      throw new DataException(
          "%s: has no split %s; choose one of %s with --split"
              .formatted(folder, wanted, String.join(", ", set.splits.keySet())));
    }
    return ImmutableList.sortedCopyOf(set.splits.get(wanted));
  }

  private void read(Optional<String> config) {
    List<Path> all = all();
    Optional<JsonNode> chosen = configuration(config);
    if (chosen.isPresent() && chosen.get().has("data_files")) {
      take(chosen.get().get("data_files"), all);
      return;
    }
    if (config.isPresent()) {
      throw new DataException(
          "%s: --config-name %s: the README has no configs with data_files; leave the option out"
              .formatted(folder, config.get()));
    }
    for (Path file : all) {
      Path relative = folder.relativize(file);
      Matcher name = NAMED.matcher(String.valueOf(relative.getFileName()));
      if (name.matches()) {
        splits.put(name.group(1).toLowerCase(Locale.ROOT), file);
      }
    }
  }

  private List<Path> all() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> DATA.matcher(file.toString().toLowerCase(Locale.ROOT)).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private Optional<JsonNode> configuration(Optional<String> wanted) {
    JsonNode configs = frontMatter().path("configs");
    List<String> names = new ArrayList<>();
    configs.forEach(entry -> names.add(entry.path("config_name").asText(MAIN)));
    if (names.isEmpty()) {
      return Optional.empty();
    }
    String name = wanted.orElse(names.size() == 1 ? names.get(0) : MAIN);
    int place = names.indexOf(name);
    if (place < 0) {
      throw new DataException(
          "%s: %s; choose one of %s with --config-name"
              .formatted(
                  folder,
                  wanted.isPresent()
                      ? "has no configuration " + name
                      : "has several configurations",
                  String.join(", ", names)));
    }
    return Optional.of(configs.get(place));
  }

  private JsonNode frontMatter() {
    Path readme = folder.resolve("README.md");
    YAMLMapper yaml = new YAMLMapper();
    if (!Files.isRegularFile(readme)) {
      return yaml.createObjectNode();
    }
    try {
      Matcher matter = FRONT_MATTER.matcher(Files.readString(readme));
      return matter.find() ? yaml.readTree(matter.group(1)) : yaml.createObjectNode();
    } catch (JsonProcessingException e) {
      throw new DataException(readme + ": its YAML cannot be read: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DataException(readme + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A pattern, a list of them, or a list of splits with their patterns. */
  private void take(JsonNode files, List<Path> all) {
    if (files.isTextual()) {
      put("train", files.asText(), all);
      return;
    }
    for (JsonNode entry : files) {
      if (entry.isTextual()) {
        put("train", entry.asText(), all);
      } else {
        JsonNode paths = entry.path("path");
        String split = entry.path("split").asText("train");
        for (JsonNode path : paths.isArray() ? paths : List.of(paths)) {
          put(split, path.asText(), all);
        }
      }
    }
  }

  private void put(String split, String pattern, List<Path> all) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    List<Path> found =
        all.stream().filter(file -> matcher.matches(folder.relativize(file))).toList();
    if (found.isEmpty()) {
      throw new DataException(
          "%s: the README names %s for split %s, but no such data file is there; fetch it"
              .formatted(folder, pattern, split));
    }
    splits.putAll(split, found);
  }
}
