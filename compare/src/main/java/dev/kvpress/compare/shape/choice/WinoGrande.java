package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.compare.shape.ChoiceShape;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Whom a sentence with a gap means. Each choice fills the gap, and what is scored is the ending of
 * the sentence, the same behind both.
 */
public final class WinoGrande implements ChoiceShape {
  private static final String SENTENCE = "sentence";
  private static final String ANSWER = "answer";
  private static final List<String> NUMBERS = List.of("1", "2");

  private static final ShapeCard CARD =
      ShapeCard.named("winogrande")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, SENTENCE)
          .needs(ColumnType.TEXT, "option1")
          .needs(ColumnType.TEXT, "option2")
          .needs(ColumnType.LABEL, ANSWER)
          .ignores("qID")
          .prompt("sentence up to its gap, an option; the ending behind both")
          .metric("acc")
          .from("WinoGrande (allenai/winogrande), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    String sentence = row.text(SENTENCE);
    int gap = sentence.indexOf('_');
    if (gap < 0 || sentence.substring(gap + 1).isBlank()) {
      throw row.error("sentence: expected a gap _ and an ending behind it, found none");
    }
    String begin = sentence.substring(0, gap);
    String ending = " " + PythonText.strip(sentence.substring(gap + 1));
    List<Choice> choices = new ArrayList<>();
    for (String option : List.of(row.text("option1"), row.text("option2"))) {
      choices.add(new Choice(begin + option, ending, begin + option));
    }
    int gold = Gold.label(row, ANSWER, NUMBERS);
    return ChoiceQuestion.of(row.origin(index), "", choices, OptionalInt.of(gold));
  }
}
