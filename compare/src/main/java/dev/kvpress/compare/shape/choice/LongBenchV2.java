package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;
import java.util.OptionalInt;

/** LongBench version 2: long texts, four choices, of which the letter is scored. */
public final class LongBenchV2 implements ChoiceShape {
  private static final List<String> LETTERS = List.of("A", "B", "C", "D");
  private static final String CHOICE = "choice_";

  private static final ShapeCard CARD =
      ShapeCard.named("longbench-v2")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "context")
          .needs(ColumnType.TEXT, "question")
          .needs(ColumnType.TEXT, CHOICE + "A")
          .needs(ColumnType.TEXT, CHOICE + "B")
          .needs(ColumnType.TEXT, CHOICE + "C")
          .needs(ColumnType.TEXT, CHOICE + "D")
          .needs(ColumnType.TEXT, "answer")
          .ignores("domain", "sub_domain", "difficulty", "length")
          .prompt("instruction, context between <text> marks, question, choices; the letters")
          .metric("acc")
          .from("LongBench v2 (THUDM/LongBench-v2), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    String context =
        "Please read the following text and answer the question below.\n\n<text>\n"
            + row.nonBlank("context")
            + "\n</text>\n\n";
    StringBuilder lead =
        new StringBuilder("What is the correct answer to this question: ")
            .append(PythonText.strip(row.text("question")))
            .append("\nChoices:\n");
    for (String letter : LETTERS) {
      lead.append("(%s) %s\n".formatted(letter, row.text(CHOICE + letter)));
    }
    String asked = lead.append("\nAnswer:").toString();
    return ChoiceQuestion.of(
        row.origin(index),
        context,
        LETTERS.stream().map(letter -> new Choice(asked, " " + letter, letter)).toList(),
        OptionalInt.of(Gold.label(row, "answer", LETTERS)));
  }
}
