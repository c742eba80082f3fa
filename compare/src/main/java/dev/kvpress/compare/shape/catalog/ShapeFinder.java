package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.ShapeCard;
import dev.kvpress.compare.shape.TextShape;
import dev.kvpress.compare.shape.text.PlainText;
import dev.kvpress.runtime.Remark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides what a data file is. A shape fits if all its required columns are there, of the right
 * type and once each. Of several that fit, the one that accounts for strictly more of the file's
 * columns is meant. Nothing is guessed where a column remains that the shape does not know and that
 * may hold more than a number: then it is not known what the file is for, unless the user says the
 * task, the shape or the columns.
 */
public final class ShapeFinder {
  private static final int NEAREST = 3;

  private final List<DataShape> shapes;

  /** A finder among the shapes of the catalogue. */
  public ShapeFinder() {
    this(Shapes.all());
  }

  /** A finder among other shapes. */
  public ShapeFinder(List<DataShape> shapes) {
    this.shapes = ImmutableList.copyOf(shapes);
  }

  /**
   * The file with the shape that its columns have.
   *
   * @param files of one data set, at least one, all of one shape
   * @param renaming columns to be read under other names
   * @throws DataException if none or several fit, with the columns, the nearest shapes and how to
   *     choose; one line
   */
  public DataSource find(List<Path> files, Renaming renaming) {
    return find(files, renaming, shape -> true, "", renaming.isEmpty());
  }

  /**
   * The file with the shape that its columns have, among those of a task. Columns beside may
   * remain: who names the task knows what the file is for.
   */
  public DataSource forTask(List<Path> files, Renaming renaming, String task) {
    return find(
        files, renaming, shape -> shape.card().tasks().contains(task), " for task " + task, false);
  }

  /**
   * The file in a shape that was named: its columns must be there, and what the shape would object
   * has been answered.
   */
  public DataSource as(List<Path> files, Renaming renaming, DataShape shape) {
    Survey survey = surveyed(files.get(0), renaming);
    Fit fit = Fit.of(shape, survey);
    if (!fit.faults().isEmpty()) {
      throw refused(survey, "is not of shape " + shape.card().name(), List.of(fit));
    }
    return source(files, survey, renaming, fit);
  }

  private DataSource find(
      List<Path> files,
      Renaming renaming,
      Predicate<DataShape> wanted,
      String purpose,
      boolean guessing) {
    Survey survey = surveyed(files.get(0), renaming);
    List<DataShape> candidates = shapes.stream().filter(wanted).toList();
    List<Fit> all = candidates.stream().map(shape -> Fit.of(shape, survey)).toList();
    List<Fit> fitting =
        all.stream()
            .filter(Fit::fits)
            .filter(fit -> !guessing || fit.unknown().isEmpty())
            .filter(fit -> fit.columns().names().keySet().containsAll(known(fit, renaming)))
            .toList();
    int most = fitting.stream().mapToInt(Fit::explained).max().orElse(0);
    List<Fit> best = fitting.stream().filter(fit -> fit.explained() == most).toList();
    if (best.size() == 1) {
      return source(files, survey, renaming, best.get(0));
    }
    Optional<String> only = onlyText(survey);
    boolean texts = candidates.stream().anyMatch(TextShape.class::isInstance);
    if (best.isEmpty() && renaming.isEmpty() && only.isPresent() && texts) {
      return find(
          files,
          new Renaming(ImmutableMap.of(PlainText.TEXT, only.get())),
          shape -> wanted.test(shape) && shape instanceof TextShape,
          purpose,
          guessing);
    }
    if (best.size() > 1) {
      throw refused(survey, "fits several data shapes" + purpose, best);
    }
    throw refused(survey, "fits no data shape" + purpose, nearest(all));
  }

  /** All renamed columns must be the shape's: a name that it does not know was typed in error. */
  private static List<String> known(Fit fit, Renaming renaming) {
    List<String> names = new ArrayList<>();
    for (String renamed : renaming.columns().keySet()) {
      names.add(
          fit.shape().card().columns().stream()
              .filter(column -> column.isCalled(renamed))
              .map(Column::name)
              .findFirst()
              .orElse(renamed));
    }
    return names;
  }

  private static Survey surveyed(Path file, Renaming renaming) {
    Survey survey = Survey.of(file);
    for (Map.Entry<String, String> entry : renaming.columns().entrySet()) {
      if (!survey.columns().containsKey(entry.getValue())) {
        throw new DataException(
            "%s: --columns %s=%s: the file has no column %s; it has %s"
                .formatted(
                    file, entry.getKey(), entry.getValue(), entry.getValue(), survey.describe()));
      }
    }
    return survey.renamed(renaming);
  }

  private DataSource source(List<Path> files, Survey survey, Renaming renaming, Fit fit) {
    List<Remark> notices = new ArrayList<>();
    if (!fit.unknown().isEmpty()) {
      notices.add(
          Remark.aside(
              "%s: shape %s does not use the columns %s"
                  .formatted(
                      survey.file(), fit.shape().card().name(), String.join(", ", fit.unknown()))));
    }
    return new DataSource(files, renaming, fit.columns(), notices);
  }

  /** The only column that is no number, if its name has no part in a shape that is no text. */
  private Optional<String> onlyText(Survey survey) {
    List<String> texts =
        survey.columns().keySet().stream().filter(name -> !survey.isNumeric(name)).toList();
    return texts.size() == 1
            && !ShapeCard.isIdentifier(texts.get(0))
            && survey.values(texts.get(0)).stream().allMatch(JsonNode::isTextual)
            && !isPartOfAnother(texts.get(0))
        ? Optional.of(texts.get(0))
        : Optional.empty();
  }

  private boolean isPartOfAnother(String name) {
    return shapes.stream()
        .filter(shape -> !(shape instanceof TextShape))
        .flatMap(shape -> shape.card().columns().stream())
        .anyMatch(column -> column.isCalled(name));
  }

  private static List<Fit> nearest(List<Fit> all) {
    return all.stream()
        .sorted(
            Comparator.comparingInt((Fit fit) -> fit.faults().size())
                .thenComparing(Comparator.comparingInt(Fit::explained).reversed()))
        .limit(NEAREST)
        .toList();
  }

  private static DataException refused(Survey survey, String what, List<Fit> near) {
    return new DataException(
        "%s: %s: its columns are %s; %s; choose with --data-path TASK=FILE or SHAPE=FILE, --text-column NAME or --columns question=input,answer=outputs (compare list datasets shows the shapes)"
            .formatted(
                survey.file(),
                what,
                survey.describe(),
                "nearest: " + near.stream().map(Fit::describe).collect(Collectors.joining(", "))));
  }
}
