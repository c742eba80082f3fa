package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What RULER's own scripts write. The prompt is one text, so all of it but its last token is
 * compressed. Rows do not name the task, which decides whether all outputs count or any; the folder
 * does, as RULER lays its files ({@code niah_single_1/validation.jsonl}).
 */
public final class RulerRows implements QuestionShape {
  private static final String INPUT = "input";
  private static final String OUTPUTS = "outputs";

  private static final Set<String> TASKS =
      Arrays.stream(RulerTask.values()).map(RulerTask::id).collect(Collectors.toUnmodifiableSet());

  private static final ShapeCard CARD =
      ShapeCard.named("ruler-jsonl")
          .tasks("qa")
          .needs(ColumnType.TEXT, INPUT)
          .needs(ColumnType.TEXTS, OUTPUTS)
          .takes(ColumnType.TEXT, Asked.PREFIX)
          .takes(ColumnType.TEXT, Asked.TASK)
          .takes(ColumnType.NUMBER, Asked.MOST)
          .ignores("length", "length_w_model_temp", "token_position_answer", "others")
          .prompt("input, answer_prefix")
          .metric("string_match: share of the outputs found, of qa_1 and qa_2 any of them")
          .from("RULER (NVIDIA/RULER, data/prepare.py)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    boolean told = rows.stream().allMatch(row -> row.has(Asked.TASK)) || taskOf(file).isPresent();
    return told || rows.stream().allMatch(row -> row.texts(OUTPUTS).size() == 1)
        ? Optional.empty()
        : Optional.of(
            "nothing says which of RULER's tasks it is; lay it into a folder of that name, e.g. vt/validation.jsonl");
  }

  private static Optional<String> taskOf(Path file) {
    Optional<String> task = Optional.empty();
    for (Path part : file) {
      String name = part.toString();
      int dot = name.indexOf('.');
      String stem = dot < 0 ? name : name.substring(0, dot);
      task = TASKS.contains(stem) ? Optional.of(stem) : task;
    }
    return task;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    ImmutableList<String> outputs = Asked.answers(row, OUTPUTS);
    return Optional.of(
        new Question(
            row.origin(index),
            row.nonBlank(INPUT),
            "",
            outputs,
            row.optional(Asked.PREFIX).orElse(""),
            row.positive(Asked.MOST),
            row.optional(Asked.TASK).or(() -> taskOf(Path.of(row.source()))),
            OptionalDouble.empty(),
            List.of(),
            // The input says all; no line ends before the answer.
            true));
  }
}
