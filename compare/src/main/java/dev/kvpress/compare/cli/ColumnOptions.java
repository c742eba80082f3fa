package dev.kvpress.compare.cli;

import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DatasetFolder;
import dev.kvpress.compare.shape.catalog.Renaming;
import dev.kvpress.compare.shape.text.PlainText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which part of a data set is read, and under which names its columns are. */
final class ColumnOptions {
  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "Which split of a data set folder, e.g. test (default: the only one).")
  @Nullable String split;

  @Option(
      names = "--config-name",
      paramLabel = "NAME",
      description = "Which configuration of a data set folder (default: the only or default one).")
  @Nullable String config;

  @Option(
      names = "--text-column",
      paramLabel = "COLUMN",
      description = "The column that is the text of a document.")
  @Nullable String textColumn;

  @Option(
      names = "--columns",
      paramLabel = "NAME=COLUMN",
      description =
          "Columns that the file calls otherwise, e.g. question=input,answer=outputs; see compare list datasets.")
  List<String> columns = new ArrayList<>();

  /** The columns to be read under other names; none where something is wrong, which is noted. */
  Renaming renaming(Problems problems) {
    Map<String, String> names = new LinkedHashMap<>();
    if (textColumn != null) {
      names.put(PlainText.TEXT, textColumn);
    }
    for (String pair : Arguments.split(columns)) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        problems.add(
            "--columns: expected NAME=COLUMN, e.g. question=input, found '%s'".formatted(pair));
      } else if (names.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        problems.add(
            "--columns: %s is said twice; say it once".formatted(pair.substring(0, equals)));
      }
    }
    return new Renaming(ImmutableMap.copyOf(names));
  }

  /** The files behind a path: itself, or those of a data set's split. */
  Optional<List<Path>> files(Path path, Problems problems) {
    if (Files.isDirectory(path)) {
      return problems
          .attempt(
              () ->
                  DatasetFolder.files(
                      path, Optional.ofNullable(split), Optional.ofNullable(config)))
          .map(files -> files);
    }
    if (split != null || config != null) {
      problems.add(
          "--split, --config-name: %s is a file; give the folder of the data set, or leave them out"
              .formatted(path));
      return Optional.empty();
    }
    return Optional.of(List.of(path));
  }
}
