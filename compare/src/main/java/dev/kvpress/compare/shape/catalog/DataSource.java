package dev.kvpress.compare.shape.catalog;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Dialogue;
import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.data.SummaryRequest;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.DialogueShape;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.SummaryShape;
import dev.kvpress.compare.shape.TextShape;
import dev.kvpress.runtime.Remark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A data file whose shape is known.
 *
 * @param files in the order they are read, at least one
 * @param renaming columns that the user has renamed
 * @param columns what it is: the shape, and which columns of the (renamed) file are which of it
 * @param known columns by which it was taken for that
 * @param notices what is to be said of how the file is read
 */
public record DataSource(
    List<Path> files,
    Renaming renaming,
    ShapedColumns columns,
    KnownColumns known,
    List<Remark> notices) {
  /** Takes copies. */
  public DataSource {
    files = ImmutableList.copyOf(files);
    notices = ImmutableList.copyOf(notices);
  }

  /** The shape of a single file, for a task; {@link ShapeFinder} says what is wrong with it. */
  public static DataSource of(Path file, String task) {
    return new ShapeFinder().forTask(List.of(file), Renaming.NONE, task);
  }

  /** The first file, which stands for all of them in messages. */
  public Path file() {
    return files.get(0);
  }

  /** What it is. */
  public DataShape shape() {
    return columns.shape();
  }

  /** What it is and how its columns are read, in one line without the file. */
  public String describe() {
    return renaming.isEmpty()
        ? shape().card().name()
        : shape().card().name() + " (" + renaming.describe() + ")";
  }

  /** Its documents. */
  public SampleReader<Document> documents() {
    TextShape texts = as(TextShape.class);
    return SourceReader.of(this, (rows, index) -> Optional.of(texts.document(rows.get(0), index)));
  }

  /** Its questions about contexts. */
  public SampleReader<Question> questions() {
    QuestionShape questions = as(QuestionShape.class);
    return SourceReader.of(this, (rows, index) -> questions.question(rows.get(0), index));
  }

  /** Its texts to be summarised. */
  public SampleReader<SummaryRequest> summaries() {
    SummaryShape summaries = as(SummaryShape.class);
    return SourceReader.of(
        this, (rows, index) -> Optional.of(summaries.summary(rows.get(0), index)));
  }

  /** Its multiple-choice questions. */
  public SampleReader<ChoiceQuestion> choices() {
    ChoiceShape choices = as(ChoiceShape.class);
    return SourceReader.of(
        this, (rows, index) -> Optional.of(choices.choice(rows, index)), choices::group);
  }

  /** Its dialogues. */
  public SampleReader<Dialogue> dialogues() {
    DialogueShape dialogues = as(DialogueShape.class);
    return SourceReader.of(
        this, (rows, index) -> Optional.of(dialogues.dialogue(rows.get(0), index)));
  }

  /** A row under the names of the shape. */
  Row shaped(Row row) {
    Row renamed = renaming.apply(row);
    known.check(renamed, columns);
    return columns.apply(renamed);
  }

  private <S extends DataShape> S as(Class<S> kind) {
    if (!kind.isInstance(shape())) {
      throw new DataException(
          "%s: its shape %s is for %s; give a file of another shape"
              .formatted(file(), shape().card().name(), String.join(", ", shape().card().tasks())));
    }
    return kind.cast(shape());
  }
}
