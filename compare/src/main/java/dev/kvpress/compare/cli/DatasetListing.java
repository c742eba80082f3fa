package dev.kvpress.compare.cli;

import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.shape.catalog.Renaming;
import dev.kvpress.compare.shape.catalog.ShapeFinder;
import dev.kvpress.compare.shape.catalog.Shapes;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The catalogue of data shapes, and the data files of the repository. */
final class DatasetListing implements Listing {
  private final List<ShapeCard> cards = Shapes.all().stream().map(DataShape::card).toList();

  /** The data files of the repository by the name of their shape. */
  private final SetMultimap<String, Path> files = LinkedHashMultimap.create();

  DatasetListing() {
    DemoFiles.datasets().ifPresent(this::look);
  }

  private void look(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
        DataSource source = new ShapeFinder().find(List.of(file), Renaming.NONE);
        files.put(source.shape().card().name(), file);
      }
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + FileFaults.reason(e), e);
    }
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    for (ShapeCard card : cards) {
      text.append(
          "%s%n  %s%n  columns: %s%n  for %s%n  prompt: %s%n  reports %s%n"
              .formatted(
                  card.name(),
                  card.source(),
                  columns(card, " or "),
                  String.join(", ", card.tasks()),
                  card.prompt(),
                  card.metric()));
      files.get(card.name()).forEach(file -> text.append("  here: %s%n".formatted(file)));
      text.append('\n');
    }
    return text.append(
            """
            A file is of the shape that its columns have. Where they do not tell, name the task (--data-path
            TASK=FILE), the shape (SHAPE=FILE) or columns (--columns question=input).
            """)
        .toString();
  }

  @Override
  public Optional<String> markdown() {
    StringBuilder table = new StringBuilder();
    table.append("| shape | columns | tasks | prompt | files of |\n|---|---|---|---|---|\n");
    for (ShapeCard card : cards) {
      table.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  card.name(),
                  columns(card, " / "),
                  String.join(", ", card.tasks()),
                  card.prompt().replace("<", "&lt;").replace(">", "&gt;"),
                  card.source()));
    }
    return Optional.of(table.toString());
  }

  /** Those that are read; optional ones in brackets. */
  private static String columns(ShapeCard card, String or) {
    List<String> words = new ArrayList<>();
    for (Column column : card.columns()) {
      String names =
          Stream.concat(Stream.of(column.name()), column.aliases().stream())
              .reduce((left, right) -> left + or + right)
              .orElseThrow();
      if (column.isRequired()) {
        words.add(names);
      } else if (column.type() != ColumnType.ANY) {
        words.add("[" + names + "]");
      }
    }
    return String.join(", ", words);
  }

  @Override
  public List<Map<String, Object>> entries() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (ShapeCard card : cards) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", card.name());
      entry.put("source", card.source());
      entry.put("columns", card.columns().stream().map(DatasetListing::entry).toList());
      entry.put("tasks", card.tasks());
      entry.put("prompt", card.prompt());
      entry.put("metric", card.metric());
      entry.put("files", files.get(card.name()).stream().map(Path::toString).toList());
      all.add(entry);
    }
    return all;
  }

  private static Map<String, Object> entry(Column column) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", column.name());
    entry.put("also", column.aliases());
    entry.put("holds", column.type().words());
    entry.put("required", column.isRequired());
    return entry;
  }
}
