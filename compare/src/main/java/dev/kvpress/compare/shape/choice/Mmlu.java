package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;

/** Examinations in many subjects with four choices, of which the letter is scored. */
public final class Mmlu extends HarnessChoices {
  private static final List<String> LETTERS = List.of("A", "B", "C", "D");
  private static final String CHOICES = "choices";

  private static final ShapeCard CARD =
      ShapeCard.named("mmlu")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "question")
          .needs(ColumnType.TEXT, "subject")
          .needs(ColumnType.TEXTS, CHOICES)
          .needs(ColumnType.LABEL, "answer")
          .prompt("a line that names the subject, question, choices behind letters; the letters")
          .metric("acc")
          .from("MMLU (cais/mmlu), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    List<String> choices = row.texts(CHOICES);
    if (choices.size() != LETTERS.size()) {
      throw row.error(
          "choices: expected four, found %d; say choices=FILE where each choice itself is to be scored"
              .formatted(choices.size()));
    }
    StringBuilder prompt =
        new StringBuilder("The following are multiple choice questions (with answers) about ")
            .append(row.text("subject").replace('_', ' '))
            .append(".\n\n")
            .append(PythonText.strip(row.nonBlank("question")))
            .append('\n');
    for (int i = 0; i < choices.size(); i++) {
      prompt.append("%s. %s\n".formatted(LETTERS.get(i), choices.get(i)));
    }
    return prompt.append("Answer:").toString();
  }

  @Override
  List<String> choices(Row row) {
    return LETTERS;
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.place(row, "answer", LETTERS);
  }
}
